"""A client whose child has one end of a socket pair, which the parent has closed."""

import os
import socket
import sys

with socket.create_connection((sys.argv[1], int(sys.argv[2]))):
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        theirs.sendall(theirs.recv(100).upper())
        os._exit(0)
    theirs.close()
    ours.sendall(b"hello")
    print(ours.recv(100))
    os.wait()
