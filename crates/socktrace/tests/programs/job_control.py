"""A shell's part: starts a trace in a terminal of its own, types Ctrl-Z, and lets it go on
in the foreground."""
import os
import pty
import signal
import sys

PROGRAM = "read line && exit 7"


def trace():
    # A process group of its own in the foreground, as each job of a shell has.
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    # The line is typed only after the program was stopped and continued.
    words = ["trace", "--one", "--json", "/dev/null", "--", "sh", "-c", "echo ready; " + PROGRAM]
    os.execv(sys.argv[1], [sys.argv[1], *words])


def wait_for(terminal, text):
    said = b""
    while text not in said:
        said += os.read(terminal, 1000)


def shell(report):
    job = os.fork()
    if job == 0:
        trace()
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        os.write(report, b"stopped\n")
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)
        os.write(report, b"continued\n")
    os.write(report, b"ended with %d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


signal.alarm(20)
reading, writing = os.pipe()
child, terminal = pty.fork()
if child == 0:
    os.close(reading)
    shell(writing)
os.close(writing)
wait_for(terminal, b"ready")
os.write(terminal, b"\x1a")
report = os.fdopen(reading)
for line in report:
    print(line, end="", flush=True)
    if line == "continued\n":
        os.write(terminal, b"line\n")
