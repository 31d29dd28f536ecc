/* Counts the signals that it handles: as many as it sends itself. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t handled, sum;
static sigjmp_buf back;

static void count(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    handled++;
    sum += info->si_value.sival_int;
}

static void leap(int signal)
{
    (void)signal;
    handled++;
    siglongjmp(back, 1);
}

int main(int n_words, char **words)
{
    int n = n_words > 2 ? atoi(words[2]) : 100, pair[2];
    struct sigaction counting = {.sa_sigaction = count, .sa_flags = SA_SIGINFO};
    struct sigaction leaping = {.sa_handler = leap};
    sigaction(SIGUSR1, &counting, NULL);
    sigaction(SIGURG, &counting, NULL);
    sigaction(SIGRTMIN + 3, &counting, NULL);
    sigaction(SIGSEGV, &leaping, NULL);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    if (strcmp(words[1], "usual") == 0)
        for (volatile int i = 0; i < n; i++)
            raise(SIGUSR1);
    if (strcmp(words[1], "real-time") == 0)
        for (volatile int i = 0; i < n; i++)
            sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_int = i});
    if (strcmp(words[1], "runtime") == 0) {
        for (volatile int i = 0; i < n; i++)
            raise(SIGURG);
        for (volatile int i = 0; i < n; i++)
            if (sigsetjmp(back, 1) == 0)
                *(volatile int *)8 = 1;
    }
    printf("handled %d, sum %d\n", (int)handled, (int)sum);
    send(pair[0], "end", 3, 0);
    return 0;
}
