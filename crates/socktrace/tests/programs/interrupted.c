/* Waits in accept, and says what came of it: `restart` lets the kernel call it again after
 * a signal, `eintr` doesn't. */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static volatile sig_atomic_t handled;

static void handle(int signal) { handled += signal == SIGUSR1; }

int main(int count, char **words)
{
    int restarts = count > 1 && strcmp(words[1], "restart") == 0;
    struct sigaction action = {.sa_handler = handle, .sa_flags = restarts ? SA_RESTART : 0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    sigaction(SIGUSR1, &action, NULL);
    bind(listener, (void *)&address, length);
    listen(listener, 1);
    getsockname(listener, (void *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    int accepted = accept(listener, NULL, NULL);
    printf("accept %s, handled %d\n", accepted < 0 ? strerror(errno) : "ok", (int)handled);
    return 0;
}
