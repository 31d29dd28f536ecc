/* Hands the kernel buffers at the end of what is mapped, and pointers that lead nowhere;
 * tells what came of each. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void tell(const char *what, long result)
{
    if (result < 0)
        printf("%s: %s\n", what, strerror(errno));
    else
        printf("%s: %ld\n", what, result);
}

int main(void)
{
    long page = sysconf(_SC_PAGESIZE);
    int pair[2];
    char *start = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *end = start + 2 * page, *wild = (char *)0xdead00000000, got[64];
    mprotect(end, page, PROT_NONE);
    memset(start, 'x', 2 * page);
    memcpy(end - 4, "last", 4);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);

    tell("send up to the end", send(pair[0], end - 4, 4, 0));
    tell("recv", recv(pair[1], got, sizeof got, 0));
    tell("send across a page", send(pair[0], start + page - 2, 4, 0));
    tell("recv into the end", recv(pair[1], end - 4, 4, 0));
    tell("send past the end", send(pair[0], end - 4, 8, MSG_DONTWAIT));
    tell("recv of that", recv(pair[1], got, sizeof got, MSG_DONTWAIT));
    tell("send from nowhere", send(pair[0], NULL, 5, 0));
    tell("send from a wild place", send(pair[0], wild, 5, 0));
    send(pair[0], "bytes", 5, 0);
    tell("recv to nowhere", recv(pair[1], NULL, 5, 0));
    tell("recv to a wild place", recv(pair[1], wild, 5, 0));
    tell("too long a send", send(pair[0], "x", (size_t)-1, MSG_DONTWAIT));

    struct iovec vectors[] = {{"one", 3}, {end - 2, 2}, {wild, 4}};
    tell("writev", writev(pair[0], vectors, 2));
    tell("writev, partly wild", writev(pair[0], vectors, 3));
    tell("writev of too many", writev(pair[0], vectors, 1 << 30));
    tell("writev of wild ones", writev(pair[0], (void *)wild, 3));
    vectors[0].iov_len = (size_t)-1;
    tell("writev of too long ones", writev(pair[0], vectors, 1));
    struct msghdr message = {.msg_iov = (void *)wild, .msg_iovlen = 1 << 30};
    tell("sendmsg", sendmsg(pair[0], &message, 0));
    tell("sendmsg of nothing", sendmsg(pair[0], NULL, 0));
    message.msg_iov = (void *)(end - 8), message.msg_iovlen = 4;
    tell("sendmsg past the end", sendmsg(pair[0], &message, 0));
    tell("recvmmsg", recvmmsg(pair[1], (void *)(end - 8), 1 << 30, MSG_DONTWAIT, NULL));

    int inet = socket(AF_INET, SOCK_STREAM, 0);
    tell("bind to nowhere", bind(inet, NULL, 16));
    tell("bind to a wild place", bind(inet, (void *)wild, 16));
    tell("bind of a strange length", bind(inet, (void *)(end - 4), 1 << 20));
    tell("connect past the end", connect(inet, (void *)(end - 4), 16));
    tell("getsockname", getsockname(inet, (void *)start, (void *)wild));
    tell("getsockopt", getsockopt(inet, SOL_SOCKET, SO_TYPE, wild, (void *)(end - 4)));
    tell("setsockopt", setsockopt(inet, SOL_SOCKET, SO_LINGER, wild, 1 << 30));
    tell("poll", poll((void *)wild, 3, 0));
    tell("poll of too many", poll((void *)(end - 8), 1 << 30, 0));
    tell("epoll_ctl", epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, inet, (void *)wild));
    tell("close", close(inet));
    return 0;
}
