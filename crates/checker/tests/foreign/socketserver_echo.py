"""An echo server from the standard library's own parts: a thread for each client."""

import socketserver
import sys


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    # The default is 5: a storm of clients would wait for seconds, whatever the server.
    request_queue_size = 128


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)


with Server((sys.argv[1], int(sys.argv[2])), Echo) as server:
    server.serve_forever()
