"""A server in the guide's design: one thread, selectors, one request a connection."""

import selectors
import socket
import sys
import types

from app_protocol import Decoder, encode, encode_json

VALUES = {
    "morpheus": "Follow the white rabbit. \U0001f430",
    "ring": "In the caves beneath the Misty Mountains. \U0001f48d",
    "\U0001f436": "\U0001f43e Playing ball! \U0001f3d0",
}


def respond(decoder):
    if decoder.header["content-type"] != "text/json":
        content = b"First 10 bytes of request: " + decoder.message[:10]
        return encode(content, "binary/custom-server-binary-type", "binary")
    request = decoder.text()
    if request.get("action") != "search":
        return encode_json({"result": f"Error: invalid action '{request.get('action')}'."})
    value = request.get("value")
    return encode_json({"result": VALUES.get(value) or f"No match for '{value}'."})


def serve(selector, connection, state, events):
    if events & selectors.EVENT_READ and state.decoder.message is None:
        received = connection.recv(4096)
        if not received:
            raise ConnectionError("the peer closed")
        state.decoder.feed(received)
        if state.decoder.message is not None:
            state.unsent = respond(state.decoder)
    if events & selectors.EVENT_WRITE and state.unsent:
        state.unsent = state.unsent[connection.send(state.unsent) :]
        if not state.unsent:
            close(selector, connection)


def close(selector, connection):
    selector.unregister(connection)
    connection.close()


def main(host, port):
    selector = selectors.DefaultSelector()
    with socket.create_server((host, port)) as listener:
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ)
        print("listening on {}:{}".format(*listener.getsockname()), flush=True)
        while True:
            for key, events in selector.select():
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    connection.setblocking(False)
                    state = types.SimpleNamespace(decoder=Decoder(), unsent=b"")
                    mask = selectors.EVENT_READ | selectors.EVENT_WRITE
                    selector.register(connection, mask, state)
                else:
                    try:
                        serve(selector, key.fileobj, key.data, events)
                    except OSError:
                        close(selector, key.fileobj)


main(sys.argv[1], int(sys.argv[2]))
