"""A client that sends bytes over several connections and expects each of them back.
`--mutant NAME` gives it one defect."""

import argparse
import socket
import sys
import threading
import time

READ_SIZE = 64 * 1024
MUTANT = ""


def is_mutant(name):
    return MUTANT == name


class Exchange:
    """One connection: what it has sent must come back, in order."""

    def __init__(self, sock, source):
        self.sock = sock
        self.source = source
        self.due = bytearray()
        self.all_sent = False
        self.lock = threading.Lock()

    def send(self):
        try:
            for piece in self.source:
                with self.lock:
                    self.due += piece
                self.sock.sendall(piece)
            with self.lock:
                self.all_sent = True
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            # The receiving side meets the same end, and tells of it.
            pass

    def receive(self, out):
        sender = threading.Thread(target=self.send, daemon=True)
        sender.start()
        while True:
            try:
                data = self.sock.recv(READ_SIZE)
            except ConnectionResetError:
                if is_mutant("hangs-at-reset"):
                    threading.Event().wait()
                raise
            if not data:
                break
            with self.lock:
                expected = bytes(self.due[: len(data)])
                del self.due[: len(data)]
            if data != expected and not is_mutant("compares-nothing"):
                raise ValueError("the answer differs from what was sent")
            if is_mutant("text-on-stdout"):
                data = data.decode("utf-8", "replace").encode()
            out.write(data)
            if is_mutant("first-read-only"):
                return
        # The answer and the end can be here before the sender has noted its own.
        sender.join(1)
        with self.lock:
            n_missing = len(self.due)
            is_early = bool(self.due) or not self.all_sent
        if is_early and not is_mutant("early-end-is-fine"):
            raise ValueError(f"the server ended with {n_missing} bytes still due")


def standard_input():
    while piece := sys.stdin.buffer.read1(READ_SIZE):
        yield piece


def main():
    global MUTANT
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("connections", type=int)
    parser.add_argument("value", nargs="?", default="Hello")
    parser.add_argument("--stdin", action="store_true")
    parser.add_argument("--timeout", type=float, default=10)
    parser.add_argument("--mutant", default="")
    arguments = parser.parse_args()
    MUTANT = arguments.mutant
    where = f"{arguments.host}:{arguments.port}"
    if is_mutant("no-address"):
        where = "the server"
    errors = []

    def run():
        source = standard_input() if arguments.stdin else [arguments.value.encode()]
        timeout = None if is_mutant("no-deadline") else arguments.timeout
        try:
            with socket.create_connection((arguments.host, arguments.port), timeout) as sock:
                Exchange(sock, source).receive(sys.stdout.buffer)
        except (OSError, ValueError) as error:
            errors.append(f"error: {where}: {error}")

    if is_mutant("traceback"):
        socket.create_connection((arguments.host, arguments.port)).close()
    threads = [threading.Thread(target=run) for _ in range(arguments.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.flush()
    if is_mutant("one-failure-unheeded") and len(errors) == 1:
        errors.clear()
    for error in errors:
        if not is_mutant("silent"):
            print(error, file=sys.stderr)
    if is_mutant("late-end"):
        sys.stderr.flush()
        time.sleep(3)
    sys.exit(1 if errors and not is_mutant("always-0") else 0)


main()
