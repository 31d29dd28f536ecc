"""A child that stops itself in two ways, and is continued by its parent each time."""
import os
import signal

child = os.fork()
if child == 0:
    # SIGTSTP stops nobody whose group has no parent outside of it in the same session.
    os.setpgid(0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
    os.kill(os.getpid(), signal.SIGTSTP)
    os._exit(6)
while True:
    _, status = os.waitpid(child, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        break
    print("stopped by", signal.Signals(os.WSTOPSIG(status)).name, flush=True)
    os.kill(child, signal.SIGCONT)
print("ended with", os.waitstatus_to_exitcode(status))
