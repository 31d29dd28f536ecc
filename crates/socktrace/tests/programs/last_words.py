"""A server that says something when it is asked to end, and its client. Neither flushes
what it prints."""
import signal
import socket
import sys


def end(*_):
    print("last words")
    sys.exit(0)


if len(sys.argv) > 1:
    peer = socket.socket()
    print("before connect")
    peer.connect((sys.argv[1], int(sys.argv[2])))
    print("after connect")
    peer.close()
else:
    signal.signal(signal.SIGTERM, end)
    listener = socket.create_server(("127.0.0.1", 0))
    while True:
        listener.accept()[0].close()
