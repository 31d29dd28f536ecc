/* Its child shares its memory, and never comes back; so neither does this one. */
#include <unistd.h>

int main(void)
{
    if (vfork() == 0)
        for (;;)
            pause();
    return 0;
}
