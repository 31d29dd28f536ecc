"""A server that misbehaves in the way that its first argument names."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

CHILD = "import time; time.sleep(600)"


def echo(sock):
    try:
        while data := sock.recv(4096):
            sock.sendall(data)
    except OSError:
        pass
    sock.close()


def serve(host, port, treat=echo):
    with socket.create_server((host, int(port))) as listener:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=treat, args=[sock], daemon=True).start()


def never_listens(host, port):
    print("thinking about it", file=sys.stderr, flush=True)
    sys.exit(3)


def deaf(host, port):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(host, port)


def leaves_children(host, port):
    mark = sys.argv[4]
    for _ in range(3):
        # Each leaves the session, and has no parent that waits for it.
        if os.fork() == 0:
            os.setsid()
            subprocess.Popen([sys.executable, "-c", CHILD, mark], start_new_session=True)
            os._exit(0)
    serve(host, port)


def floods(host, port):
    def flood(stream):
        while True:
            stream.write("a line of very many\n" * 1000)

    for stream in (sys.stdout, sys.stderr):
        threading.Thread(target=flood, args=[stream], daemon=True).start()
    serve(host, port)


def eats_memory(host, port):
    eaten = bytearray()
    # Slowly enough that a watchman who looks now and then is in time.
    while len(eaten) < 3 << 30:
        eaten += b"x" * (16 << 20)
        time.sleep(0.001)
    # Nobody has ended it: it waits to be judged as one that never listens.
    threading.Event().wait()


def never_answers(host, port):
    serve(host, port, lambda sock: threading.Event().wait())


def dribbles(host, port):
    def dribble(sock):
        # Never silent, and never done.
        while data := sock.recv(1):
            time.sleep(0.1)
            sock.sendall(data)

    serve(host, port, dribble)


def enter_ends_it(host, port):
    def wait():
        # Also returns at the end of standard input.
        sys.stdin.readline()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
    serve(host, port)


def forks_and_forgets(host, port):
    with socket.create_server((host, int(port)), backlog=1024) as listener:
        while True:
            sock, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                echo(sock)
                os._exit(0)
            sock.close()


def takes_two(host, port):
    def treat(sock):
        with sock.dup():
            echo(sock)

    serve(host, port, treat)


def tells_its_language(host, port):
    sys.exit(f"{os.environ.get('LC_ALL')} {os.environ.get('LANGUAGE')}")


def good(host, port):
    serve(host, port)


globals()[sys.argv[1].replace("-", "_")](sys.argv[2], sys.argv[3])
