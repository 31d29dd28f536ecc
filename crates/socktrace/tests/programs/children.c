/* Makes children in the way that its first word says, as many as its second, and tells
 * what they ended with. Each child makes a pair of sockets, and nothing else. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void *make_pair(void *nothing)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        abort();
    close(pair[0]);
    close(pair[1]);
    return nothing;
}

static int child(void *nothing)
{
    make_pair(nothing);
    return 7;
}

static char stack[1 << 16];
static char *myself;

static pid_t make_child(const char *way)
{
    char *words[] = {myself, "child", NULL};
    pid_t pid = -1;
    if (strcmp(way, "fork") == 0) {
        if ((pid = fork()) == 0)
            _exit(child(NULL));
    } else if (strcmp(way, "vfork") == 0) {
        if ((pid = vfork()) == 0) {
            execv(myself, words);
            _exit(1);
        }
    } else if (strcmp(way, "spawn") == 0) {
        posix_spawn(&pid, myself, NULL, NULL, words, environ);
    } else if (strcmp(way, "clone") == 0) {
        pid = clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    } else if (strcmp(way, "clone3") == 0) {
        struct clone_args how = {.exit_signal = SIGCHLD};
        if ((pid = syscall(SYS_clone3, &how, sizeof how)) == 0)
            _exit(child(NULL));
    } else if (strcmp(way, "untraced") == 0) {
        if ((pid = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0)) == 0)
            _exit(5);
    }
    return pid;
}

int main(int count, char **words)
{
    if (count < 3)
        return child(NULL);
    int n = atoi(words[2]), sum = 0, status;
    myself = words[0];
    if (strcmp(words[1], "thread") == 0) {
        pthread_t *threads = calloc(n, sizeof *threads);
        for (int i = 0; i < n; i++)
            pthread_create(&threads[i], NULL, make_pair, NULL);
        for (int i = 0; i < n; i++)
            sum += 7 + pthread_join(threads[i], NULL);
    } else {
        for (int i = 0; i < n; i++)
            if (make_child(words[1]) < 0)
                perror(words[1]);
        while (wait(&status) > 0)
            sum += WEXITSTATUS(status);
    }
    printf("%d children, sum of their statuses %d\n", n, sum);
    return 3;
}
