"""A client in the guide's design: one request, one response, printed."""

import socket
import sys

from app_protocol import Decoder, encode, encode_json


def request(action, value):
    if action == "search":
        return encode_json({"action": action, "value": value})
    content = (action + value).encode("utf-8")
    return encode(content, "binary/custom-client-binary-type", "binary")


def main(host, port, action, value):
    decoder = Decoder()
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(request(action, value))
        while decoder.message is None:
            received = connection.recv(4096)
            if not received:
                sys.exit("the server closed the connection")
            decoder.feed(received)
    if decoder.header["content-type"] == "text/json":
        print(decoder.text()["result"])
    else:
        print(decoder.message)


main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
