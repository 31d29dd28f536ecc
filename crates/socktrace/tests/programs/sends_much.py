"""Sends 100,000 bytes in one call, and receives them in several."""
import socket

left, right = socket.socketpair()
left.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 400_000)
n_sent = left.send(b"x" * 100_000)
n_received = 0
while n_received < n_sent:
    n_received += len(right.recv(30_000))
print(n_sent, "sent,", n_received, "received")
