/* Asks for an io_uring, and for nothing of it. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    char parameters[120];
    memset(parameters, 0, sizeof parameters);
    long ring = syscall(SYS_io_uring_setup, 4, parameters);
    printf("%s\n", ring < 0 ? "no ring here" : "a ring");
    return 0;
}
