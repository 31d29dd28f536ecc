"""Sends three datagrams, two of which are answered."""

import socket
import sys

server = (sys.argv[1], int(sys.argv[2]))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.sendto(b"one", server)
    print(client.recvfrom(1500)[0])
    client.connect(server)
    client.send(b"three")
    print(client.recv(1500))
    try:
        client.send(b"lost")
    except ConnectionRefusedError:
        pass
