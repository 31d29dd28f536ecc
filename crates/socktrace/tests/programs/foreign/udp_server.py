"""Answers two datagrams; never receives a third one, which is lost."""

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("127.0.0.1", 0))
    for _ in range(2):
        data, client = server.recvfrom(1500)
        server.sendto(data.upper(), client)
