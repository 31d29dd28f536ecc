"""One thread that serves many connections, and the defects it can be given.

A program gives `serve` a class whose objects turn what one client sends into what it
gets. `--mutant NAME` turns on a single defect; without it everything is meant to hold.
"""

import argparse
import errno
import os
import selectors
import signal
import socket
import struct
import sys
import time

READ_SIZE = 64 * 1024
# With this much output waiting, nothing more is read and nothing more answered.
HIGH_WATER_MARK = 256 * 1024
# How long input is discarded behind a last answer, so that no reset overtakes it.
LINGER_SECONDS = 1.0
DRAIN_SECONDS = 2.8

MUTANT = ""

# Defects that close at the end of input, whatever still waits to be sent.
DROPPING = ("drops-4-mib-at-the-end", "output-without-bound")


def is_mutant(name):
    return MUTANT == name


def high_water_mark():
    if is_mutant("output-without-bound"):
        return 1 << 40
    if is_mutant("drops-4-mib-at-the-end"):
        return 4 << 20
    return HIGH_WATER_MARK


class Connection:
    def __init__(self, sock, number, session):
        self.sock = sock
        self.number = number
        self.session = session
        self.unsent = bytearray()
        self.n_received = 0
        self.input_ended = False
        self.linger_deadline = None
        self.idle_since = time.monotonic()
        self.interest = 0


class Server:
    def __init__(self, listener, new_session, deadline):
        self.listener = listener
        self.new_session = new_session
        self.deadline = deadline
        self.selector = selectors.DefaultSelector()
        self.connections = {}
        # Those that aren't read from, since their session has no room for its content.
        self.held = set()
        self.n_accepted = 0
        self.is_accepting = True
        self.stop_deadline = None
        self.leaked = []
        self.wake_reader, wake_writer = socket.socketpair()
        self.wake_reader.setblocking(False)
        wake_writer.setblocking(False)
        self.wake_writer = wake_writer
        signal.set_wakeup_fd(wake_writer.fileno(), warn_on_full_buffer=False)
        self.selector.register(self.wake_reader, selectors.EVENT_READ)
        self.selector.register(listener, selectors.EVENT_READ)

    def run(self):
        while True:
            for key, events in self.selector.select(self.timeout()):
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj is self.wake_reader:
                    status = self.told_to_stop(self.wake_reader.recv(64))
                    if status is not None:
                        return status
                elif key.data.sock.fileno() >= 0:
                    self.turn(key.data, events)
            self.sweep()
            self.let_in()
            if self.stop_deadline is not None:
                if not self.connections or time.monotonic() >= self.stop_deadline:
                    return 1 if is_mutant("stop-exits-1") else 0

    def timeout(self):
        deadlines = [c for c in map(self.deadline_of, self.connections.values()) if c]
        if self.stop_deadline is not None:
            deadlines.append(self.stop_deadline)
        return max(0, min(deadlines) - time.monotonic()) if deadlines else None

    def deadline_of(self, connection):
        if connection.linger_deadline is not None:
            return connection.linger_deadline
        if is_mutant("idle-for-a-second"):
            return connection.idle_since + 1
        if self.deadline is None:
            return None
        return connection.session.due(self.deadline)

    def let_in(self):
        """Goes on with those for whom there is room now."""
        while ready := [c for c in self.held if not c.session.is_held]:
            for connection in ready:
                self.turn(connection, 0)

    def sweep(self):
        now = time.monotonic()
        due = [c for c in self.connections.values() if (self.deadline_of(c) or now + 1) <= now]
        for connection in due:
            self.close(connection)

    def accept(self):
        # A few at a time, so that newcomers don't hold up those who are there.
        for _ in range(16):
            if is_mutant("small-backlog"):
                time.sleep(0.01)
            try:
                sock, _ = self.listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE):
                    continue
                # Out of descriptors: newcomers wait in the backlog until somebody leaves.
                self.selector.unregister(self.listener)
                self.is_accepting = False
                return
            if is_mutant("at-most-512") and len(self.connections) >= 512:
                sock.close()
                continue
            sock.setblocking(False)
            self.n_accepted += 1
            connection = Connection(sock, self.n_accepted, self.new_session())
            if self.stop_deadline is not None:
                self.wind_up(connection)
            self.connections[sock] = connection
            self.selector.register(sock, selectors.EVENT_READ, connection)
            connection.interest = selectors.EVENT_READ

    def turn(self, connection, events):
        try:
            if events & selectors.EVENT_READ:
                self.read(connection)
            if connection.sock.fileno() >= 0:
                self.advance(connection)
        except OSError:
            if connection.unsent and is_mutant("ends-at-a-reset-while-writing"):
                raise
            # A reset, and also "not connected" when a reset came before the shutdown.
            self.close(connection)

    def read(self, connection):
        try:
            data = connection.sock.recv(READ_SIZE)
        except BlockingIOError:
            return
        connection.idle_since = time.monotonic()
        if not data:
            connection.input_ended = True
            return
        if connection.linger_deadline is not None:
            return
        connection.n_received += len(data)
        if is_mutant("closes-after-1-mib") and connection.n_received > 1 << 20:
            connection.input_ended = True
        other = self.neighbour(connection)
        other.session.take(data)
        if other is not connection:
            self.advance(other)

    def neighbour(self, connection):
        """The connection itself, unless answers get mixed up in a crowd."""
        if is_mutant("mixes-up-a-crowd") and len(self.connections) > 40:
            return next(iter(self.connections.values()))
        return connection

    def advance(self, connection):
        if connection.linger_deadline is not None:
            if connection.input_ended:
                self.close(connection)
            return
        session = connection.session
        is_waiting = session.answer(connection.unsent, high_water_mark())
        self.send(connection)
        is_last = session.is_finished or connection.input_ended
        if connection.input_ended and MUTANT in DROPPING:
            self.close(connection)
            return
        if is_last and not connection.unsent and not is_waiting:
            if connection.input_ended:
                self.close(connection)
                return
            connection.sock.shutdown(socket.SHUT_WR)
            connection.linger_deadline = time.monotonic() + self.linger_seconds()
            if is_mutant("discards-nothing"):
                self.close(connection)
                return
        self.set_interest(connection, is_waiting, is_last)

    def linger_seconds(self):
        return LINGER_SECONDS if self.stop_deadline is None else DRAIN_SECONDS

    def send(self, connection):
        if is_mutant("waits-for-more") and len(connection.unsent) < 16:
            if not connection.input_ended:
                return
        if connection.unsent:
            try:
                n_sent = connection.sock.send(memoryview(connection.unsent)[:READ_SIZE])
            except BlockingIOError:
                return
            if is_mutant("output-without-bound"):
                # Each piece sent costs a copy of all the rest.
                connection.unsent = bytearray(bytes(connection.unsent)[n_sent:])
                return
            if is_mutant("ignores-what-send-took"):
                n_sent = READ_SIZE
            del connection.unsent[:n_sent]

    def set_interest(self, connection, is_waiting, is_last):
        interest = 0
        is_lingering = connection.linger_deadline is not None
        is_held = connection.session.is_held
        (self.held.add if is_held else self.held.discard)(connection)
        has_room = len(connection.unsent) < high_water_mark() and not (is_waiting or is_held)
        if not connection.input_ended and (is_lingering or (has_room and not is_last)):
            interest |= selectors.EVENT_READ
        holds_back = is_mutant("waits-for-more") and len(connection.unsent) < 16
        if is_waiting or (connection.unsent and not holds_back):
            interest |= selectors.EVENT_WRITE
        if interest == connection.interest:
            return
        if connection.interest == 0:
            self.selector.register(connection.sock, interest, connection)
        elif interest == 0:
            self.selector.unregister(connection.sock)
        else:
            self.selector.modify(connection.sock, interest, connection)
        connection.interest = interest

    def close(self, connection):
        if connection.interest:
            self.selector.unregister(connection.sock)
            connection.interest = 0
        del self.connections[connection.sock]
        self.held.discard(connection)
        connection.session.close()
        connection.sock.close()
        if is_mutant("leaks-2-kib"):
            self.leaked.append(bytes(2048))
        if is_mutant("leaks-64-bytes"):
            self.leaked.append(bytes(64))
        if not self.is_accepting and self.stop_deadline is None:
            self.selector.register(self.listener, selectors.EVENT_READ)
            self.is_accepting = True

    def told_to_stop(self, signals):
        """Stops accepting, answers what has come, then lets each client go."""
        if is_mutant("deaf-to-sigterm") and signals == bytes([signal.SIGTERM]):
            return None
        if self.stop_deadline is not None:
            return None if is_mutant("second-signal-ignored") else 1
        self.stop_deadline = time.monotonic() + DRAIN_SECONDS
        if self.is_accepting and not is_mutant("accepts-after-stop"):
            self.selector.unregister(self.listener)
            self.is_accepting = False
        if not is_mutant("accepts-after-stop"):
            self.listener.close()
        for connection in list(self.connections.values()):
            if is_mutant("stop-resets"):
                linger = struct.pack("ii", 1, 0)
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close(connection)
                continue
            if is_mutant("stop-forgets-the-idle") and not connection.unsent:
                continue
            try:
                # What came before the signal is in the system's buffer by now.
                while len(connection.unsent) < high_water_mark() and not connection.input_ended:
                    before = connection.n_received
                    self.read(connection)
                    if connection.n_received == before:
                        break
                connection.session.answer(connection.unsent, high_water_mark())
                self.wind_up(connection)
                self.advance(connection)
            except OSError:
                self.close(connection)
        return None

    def wind_up(self, connection):
        connection.session.is_finished = True


def listen(host, port):
    """A listening socket; anything wrong is told in one line."""
    try:
        number = int(port)
        if not 0 <= number <= 65535:
            raise ValueError
    except ValueError:
        sys.exit(f"error: expected a port from 0 to 65535, got {port}")
    address = ("0.0.0.0", number) if is_mutant("all-interfaces") else (host, number)
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if not is_mutant("no-reuseaddr"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1 if is_mutant("small-backlog") else 1024)
    except OSError as error:
        cause = "cannot listen" if is_mutant("no-cause") else error
        sys.exit(f"error: cannot listen on {host}:{port}: {cause}")
    listener.setblocking(False)
    return listener


def main(new_session):
    global MUTANT
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port")
    parser.add_argument("--deadline", type=float)
    parser.add_argument("--mutant", default="")
    arguments = parser.parse_args()
    MUTANT = arguments.mutant
    listener = listen(arguments.host, arguments.port)
    if is_mutant("second-port"):
        extra = socket.create_server((arguments.host, 0))
        extra.setblocking(False)
    server = Server(listener, new_session, arguments.deadline)
    handled = [signal.SIGTERM]
    if not is_mutant("sigint-unhandled"):
        handled.append(signal.SIGINT)
    for number in handled:
        signal.signal(number, lambda *_: None)
    print(f"listening on {arguments.host}:{arguments.port}", flush=True)
    status = server.run()
    os._exit(status)
