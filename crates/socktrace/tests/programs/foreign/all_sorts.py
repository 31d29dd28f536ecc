"""Calls of all sorts, in two processes and three threads, which do the same in each run."""

import os
import select
import socket
import struct
import threading


def serve(listener):
    connection, _address = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert connection.recv(5, socket.MSG_WAITALL) == b"hello"
        connection.sendmsg([b"to ", b"you"])
        assert connection.recv(100) == b""


def tcp(host, family):
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, 0))
        listener.listen(7)
        thread = threading.Thread(target=serve, args=[listener])
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 5)
            )
            client.connect(listener.getsockname()[:2])
            thread.start()
            client.send(b"hello")
            assert client.recv(6, socket.MSG_PEEK | socket.MSG_WAITALL) == b"to you"
            assert client.recvmsg(10)[0] == b"to you"
            client.getpeername()
            client.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
            client.shutdown(socket.SHUT_WR)
            assert client.recv(100) == b""
        thread.join()


def udp():
    one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    with one, other:
        one.bind(("127.0.0.1", 0))
        other.sendto(b"a datagram that is cut", one.getsockname())
        data, address = one.recvfrom(10)
        assert data == b"a datagram"
        one.connect(address)
        one.send(b"")
        assert other.recv(10) == b""


def errors():
    with socket.socket() as lonely:
        for attempt in [
            lambda: lonely.getpeername(),
            lambda: lonely.send(b"x"),
            lambda: lonely.connect(("127.0.0.1", 1)),
        ]:
            try:
                attempt()
            except OSError:
                pass
    # Another one: on Linux 6.18, a socket whose connect has failed can't listen.
    with socket.socket() as lonely:
        lonely.setblocking(False)
        lonely.bind(("127.0.0.1", 0))
        lonely.listen()
        try:
            lonely.accept()
        except BlockingIOError:
            pass


def family():
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        with theirs:
            os.write(theirs.fileno(), os.read(theirs.fileno(), 100).upper())
        os._exit(0)
    theirs.close()
    with ours, ours.dup() as copy:
        os.writev(copy.fileno(), [b"from the ", b"parent"])
        ready = select.poll()
        ready.register(ours, select.POLLIN)
        ready.poll()
        assert os.read(ours.fileno(), 100) == b"FROM THE PARENT"
        select.select([ours], [], [])
        assert ours.recv(1) == b""
    os.waitpid(child, 0)


def events():
    ours, theirs = socket.socketpair()
    with ours, theirs, select.epoll() as poll:
        poll.register(ours, select.EPOLLIN)
        theirs.sendall(b"x")
        poll.poll()
        poll.modify(ours, select.EPOLLOUT | select.EPOLLET)
        poll.poll()
        poll.unregister(ours)


tcp("127.0.0.1", socket.AF_INET)
tcp("::1", socket.AF_INET6)
udp()
errors()
family()
events()
