"""An echo client in the guide's design: sends all, receives once, prints it."""

import socket
import sys


def main(host, port, message):
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(message.encode())
        print("Received", connection.recv(1024))


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
