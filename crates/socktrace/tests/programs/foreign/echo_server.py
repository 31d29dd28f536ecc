"""Echoes what the first client sends, on a TCP socket of the family of HOST."""

import socket
import sys

host = sys.argv[1]
family = socket.AF_INET6 if ":" in host else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as listener:
    listener.bind((host, 0))
    listener.listen()
    connection, _address = listener.accept()
    with connection:
        while data := connection.recv(1000):
            connection.sendall(data)
print("server: over")
