"""Echoes each client in a process of its own; ends after two."""

import socketserver


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1000):
            self.request.sendall(data)


with socketserver.ForkingTCPServer(("127.0.0.1", 0), Echo) as server:
    for _ in range(2):
        server.handle_request()
