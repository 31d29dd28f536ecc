"""A blocking echo server in the guide's design: one client, 1024 bytes at a time."""

import socket
import sys


def main(host, port):
    with socket.create_server((host, port)) as listener:
        print("listening on {}:{}".format(*listener.getsockname()), flush=True)
        connection, _ = listener.accept()
        with connection:
            while received := connection.recv(1024):
                connection.sendall(received)


main(sys.argv[1], int(sys.argv[2]))
