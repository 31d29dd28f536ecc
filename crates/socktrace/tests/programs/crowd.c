/* A server with as many children as its first word says, who do nothing. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **words)
{
    int n = count > 1 ? atoi(words[1]) : 0;
    for (int i = 0; i < n; i++)
        if (fork() == 0)
            for (;;)
                pause();
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    listen(listener, 1);
    puts("all wait");
    fflush(stdout);
    accept(listener, NULL, NULL);
    return 0;
}
