"""Two processes accept from the same listener, a client each."""

import os
import socket

listener = socket.create_server(("127.0.0.1", 0))
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        connection, _address = listener.accept()
        while data := connection.recv(1000):
            connection.sendall(data)
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
