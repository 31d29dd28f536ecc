"""An echo client that sends its message in two writes, as many do: header, then body."""

import socket
import sys
import time

host, port, message = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
try:
    sock = socket.create_connection((host, port))
except OSError as error:
    sys.exit(f"error: {host}:{port}: {error}")
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sock.sendall(message[:5])
time.sleep(0.05)
sock.sendall(message[5:])
echo = b""
while len(echo) < len(message):
    data = sock.recv(4096)
    if not data:
        sys.exit(f"error: {host}:{port}: closed after {len(echo)} bytes")
    echo += data
if echo != message:
    sys.exit(f"error: {host}:{port}: other bytes came back")
print("Received", echo.decode())
