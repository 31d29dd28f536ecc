"""Two connections, both open before the first one is used."""

import socket
import sys

address = (sys.argv[1], int(sys.argv[2]))
clients = [socket.create_connection(address) for _ in range(2)]
for number, client in enumerate(clients):
    with client:
        message = b"client %d" % number
        client.sendall(message)
        assert client.recv(100) == message
print("both came back")
