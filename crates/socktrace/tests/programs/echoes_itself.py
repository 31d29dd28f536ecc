"""Both ends of a connection in one program."""
import socket

listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
server, _ = listener.accept()
client.sendall(b"there and back")
server.sendall(server.recv(100))
print(client.recv(100))
