"""An echo server in the guide's design: one thread, selectors, 1024 bytes a turn."""

import selectors
import socket
import sys


def accept(selector, listener):
    connection, _ = listener.accept()
    connection.setblocking(False)
    events = selectors.EVENT_READ | selectors.EVENT_WRITE
    selector.register(connection, events, bytearray())


def serve(selector, key, events):
    connection, unsent = key.fileobj, key.data
    if events & selectors.EVENT_READ:
        received = connection.recv(1024)
        if not received:
            selector.unregister(connection)
            connection.close()
            return
        unsent.extend(received)
    if events & selectors.EVENT_WRITE and unsent:
        del unsent[: connection.send(unsent)]


def main(host, port):
    selector = selectors.DefaultSelector()
    with socket.create_server((host, port)) as listener:
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ)
        print("listening on {}:{}".format(*listener.getsockname()), flush=True)
        while True:
            for key, events in selector.select():
                if key.fileobj is listener:
                    accept(selector, listener)
                else:
                    serve(selector, key, events)


main(sys.argv[1], int(sys.argv[2]))
