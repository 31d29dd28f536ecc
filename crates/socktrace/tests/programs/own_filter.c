/* Refuses itself the call `socket` with EACCES, by a seccomp filter, or leaves it to a
   tracer (`own_filter trace`), or asks for the strict mode (`own_filter strict`). */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int count, char **words) {
    const char *way = words[1];
    if (!strcmp(way, "strict")) {
        int result = prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        write(1, result ? "refused\n" : "strict\n", result ? 8 : 7);
        syscall(SYS_exit, 5);
    }
    unsigned answer = !strcmp(way, "trace") ? SECCOMP_RET_TRACE : SECCOMP_RET_ERRNO | EACCES;
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
    int result = socket(AF_INET, SOCK_STREAM, 0);
    printf("socket: %s\n", result < 0 ? strerror(errno) : "made");
    return 3;
}
