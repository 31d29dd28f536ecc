"""Makes as many children as its first argument says; all of them wait in accept."""
import os
import socket
import sys

listener = socket.create_server(("127.0.0.1", 0))
reading, writing = os.pipe()
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        os.write(writing, b".")
        listener.accept()
        os._exit(0)
for _ in range(int(sys.argv[1])):
    os.read(reading, 1)
print("all wait", flush=True)
listener.accept()
