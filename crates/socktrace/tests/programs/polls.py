"""Waits for a connection for a limited time, which is long."""
import select
import socket

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
poll = select.poll()
poll.register(listener, select.POLLIN)
print("ready:", len(poll.poll(20_000)))
