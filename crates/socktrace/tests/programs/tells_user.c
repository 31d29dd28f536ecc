/* Whose rights it has. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    printf("user %d\n", (int)geteuid());
    return 0;
}
