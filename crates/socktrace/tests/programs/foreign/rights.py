"""A child gets one end of a TCP connection through a socket pair (SCM_RIGHTS), and
writes into it."""

import os
import socket

ours, theirs = socket.socketpair()
with socket.create_server(("127.0.0.1", 0)) as listener:
    client = socket.create_connection(listener.getsockname())
    accepted, _address = listener.accept()
child = os.fork()
if child == 0:
    client.close()
    accepted.close()
    message, descriptors, _flags, _address = socket.recv_fds(theirs, 100, 1)
    assert message == b"here it is"
    with socket.socket(fileno=descriptors[0]) as passed:
        passed.sendall(b"from the child")
    os._exit(0)
socket.send_fds(ours, [b"here it is"], [accepted.fileno()])
accepted.close()
print(client.recv(100))
print(client.recv(100))
os.waitpid(child, 0)
