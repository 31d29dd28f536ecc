/* Its child ends while it waits in epoll_wait, which it says the result of. With `ignored`
 * nobody tells it of that; then another child sends it a byte. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a process does, by the letter of /proc. */
static char state_of(pid_t pid)
{
    char path[64], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file) {
        fscanf(file, "%*d (%*[^)]) %c", &state);
        fclose(file);
    }
    return state;
}

int main(int count, char **words)
{
    int ignores = count > 1 && strcmp(words[1], "ignored") == 0, pair[2];
    pid_t parent = getpid(), first;
    struct epoll_event event = {.events = EPOLLIN};
    signal(SIGCHLD, ignores ? SIG_IGN : SIG_DFL);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &event);
    if ((first = fork()) == 0) {
        while (state_of(parent) != 'S')
            usleep(1000);
        _exit(0);
    }
    if (ignores && fork() == 0) {
        while (state_of(first) != 'X' || state_of(parent) != 'S')
            usleep(1000);
        send(pair[1], "x", 1, 0);
        _exit(0);
    }
    int result = epoll_wait(epoll, &event, 1, 20000);
    printf("epoll_wait: %s\n", result < 0 ? strerror(errno) : result ? "ready" : "too late");
    return 0;
}
