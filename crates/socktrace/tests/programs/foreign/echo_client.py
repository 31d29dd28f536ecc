"""Sends 10,000 bytes to an echo server and prints how many came back."""

import socket
import sys

message = bytes(range(250)) * 40
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as connection:
    connection.sendall(message)
    connection.shutdown(socket.SHUT_WR)
    answer = b""
    while data := connection.recv(4096):
        answer += data
assert answer == message
print(len(answer), "bytes came back")
