/* Two threads wait in accept; a third one becomes another program, when told so by a line
 * on standard input: this one, which then makes a pair of sockets. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener;
static char *myself;

static void *wait_in_accept(void *nothing)
{
    accept(listener, NULL, NULL);
    return nothing;
}

static void *become_another(void *nothing)
{
    char line[8];
    if (fgets(line, sizeof line, stdin))
        execl(myself, myself, "after", NULL);
    return nothing;
}

int main(int count, char **words)
{
    int pair[2];
    pthread_t one, other;
    if (count > 1) {
        int result = socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
        printf("after: %d, leader: %d\n", result, getpid() == gettid());
        return 4;
    }
    myself = words[0];
    listener = socket(AF_INET, SOCK_STREAM, 0);
    listen(listener, 1);
    pthread_create(&one, NULL, wait_in_accept, NULL);
    pthread_create(&other, NULL, become_another, NULL);
    wait_in_accept(NULL);
    return 1;
}
