"""A client in the guide's design: N connections, two messages each, counted back."""

import selectors
import socket
import sys
import types

MESSAGES = [b"First message from Python. ", b"Second message from Python."]


def start(selector, address, number):
    connection = socket.socket()
    connection.setblocking(False)
    connection.connect_ex(address)
    state = types.SimpleNamespace(
        number=number,
        n_expected=sum(map(len, MESSAGES)),
        n_received=0,
        waiting=list(MESSAGES),
        unsent=b"",
    )
    selector.register(
        connection, selectors.EVENT_READ | selectors.EVENT_WRITE, state
    )


def serve(selector, key, events):
    connection, state = key.fileobj, key.data
    if events & selectors.EVENT_READ:
        received = connection.recv(1024)
        state.n_received += len(received)
        if not received or state.n_received == state.n_expected:
            if state.n_received != state.n_expected:
                sys.exit(f"connection {state.number} ended early")
            print("Closing connection", state.number)
            selector.unregister(connection)
            connection.close()
            return
    if events & selectors.EVENT_WRITE:
        if not state.unsent and state.waiting:
            state.unsent = state.waiting.pop(0)
        if state.unsent:
            state.unsent = state.unsent[connection.send(state.unsent) :]


def main(host, port, n_connections):
    selector = selectors.DefaultSelector()
    for number in range(1, n_connections + 1):
        start(selector, (host, port), number)
    while selector.get_map():
        for key, events in selector.select(timeout=10):
            serve(selector, key, events)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
