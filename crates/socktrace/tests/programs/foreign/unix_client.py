"""Two clients of a Unix socket, of which the second connects before the first is served."""

import socket
import sys

clients = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2)]
for client in clients:
    client.connect(sys.argv[1])
for number, client in enumerate(clients):
    with client:
        client.sendall(b"client %d" % number)
        client.shutdown(socket.SHUT_WR)
        print(client.recv(100))
