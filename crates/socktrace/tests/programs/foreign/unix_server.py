"""Echoes two clients of a Unix socket, one after the other, the second one first taken
from the backlog when the first is done."""

import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    for _ in range(2):
        connection, _address = listener.accept()
        with connection:
            while data := connection.recv(100):
                connection.sendall(data[::-1])
