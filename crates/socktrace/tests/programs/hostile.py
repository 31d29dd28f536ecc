"""Prints and sends what would play with a terminal."""
import socket
import sys

HOSTILE = b"\x1b]0;title\x07\x00\xff\xfe\x1b[2J\xc2\x9b31m" + "‮⁦\ufeff".encode() + b"</script>\r\x08"


def talk(peer):
    peer.sendall(HOSTILE)
    sys.stdout.buffer.write(HOSTILE + b"\n")
    sys.stdout.buffer.write("€".encode() * 300_000 + b"\n")
    sys.stderr.buffer.write(HOSTILE * 3)
    sys.stdout.flush()
    peer.shutdown(socket.SHUT_WR)


match sys.argv[1]:
    case "server":
        with socket.create_server(("127.0.0.1", 0)) as listener:
            peer = listener.accept()[0]
            talk(peer)
            while peer.recv(1000):
                pass
    case "client":
        with socket.create_connection((sys.argv[2], int(sys.argv[3]))) as peer:
            talk(peer)
            while peer.recv(1000):
                pass
    case "alone":
        pair = socket.socketpair()
        talk(pair[0])
    case "long":
        print("x" * 10_000_000)
