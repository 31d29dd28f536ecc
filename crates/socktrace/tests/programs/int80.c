/* Makes calls of a 32-bit program: by its gate, whatever this one was compiled for. With
 * NO_LIBC it needs no 32-bit library, which hardly any system has. */
static long call(long number, long one, long two, long three)
{
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(one), "c"(two), "d"(three)
                     : "memory");
    return result;
}

enum { EXIT = 1, WRITE = 4, MMAP2 = 192, SOCKET = 359, CLOSE = 6 };

/* Below 4 GiB, where such a call can find it. */
#ifdef __x86_64__
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
static char *low(const char *text)
{
    char *place = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    return strcpy(place, text);
}
#else
static const char *low(const char *text) { return text; }
#endif

static int act(void)
{
    long made = call(SOCKET, 2, 1, 0);
    const char *text = made >= 0 ? low("a socket\n") : low("no sock.\n");
    call(WRITE, 1, (long)text, 9);
    call(CLOSE, made, 0, 0);
    return made >= 0 ? 9 : 8;
}

#ifdef NO_LIBC
void _start(void) { call(EXIT, act(), 0, 0); }
#else
int main(void)
{
    int status = act(), pair[2];
    /* And one of its own kind. */
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 ? status : 1;
}
#endif
