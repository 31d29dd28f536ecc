/* Counts the SIGINTs that it gets, up to a SIGTERM. (Python would count several as one.) */
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t count, is_over;

static void handle(int signal)
{
    count += signal == SIGINT;
    is_over |= signal == SIGTERM;
}

int main(void)
{
    struct sigaction action = {.sa_handler = handle};
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    puts("ready");
    fflush(stdout);
    while (!is_over)
        sigsuspend(&before);
    printf("%d came\n", (int)count);
    return 0;
}
