"""Reads and writes files much and sockets little; moves bytes inside the kernel."""
import os
import socket
import sys
import tempfile

with tempfile.TemporaryFile() as file:
    for _ in range(200):
        file.write(b"x" * 10000)
        file.flush()
    file.seek(0)
    assert len(file.read()) == 2_000_000
    left, right = socket.socketpair()
    os.write(left.fileno(), b"to a socket")
    print(os.read(right.fileno(), 100))
    if "move" in sys.argv:
        print(os.sendfile(left.fileno(), file.fileno(), 0, 1000))
        print(len(right.recv(2000)))
        reading, writing = os.pipe()
        os.write(writing, b"through a pipe")
        print(os.splice(reading, left.fileno(), 100))
        print(right.recv(100))
