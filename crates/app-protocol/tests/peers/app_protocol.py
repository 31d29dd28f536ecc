"""The application protocol in the guide's design: a length, a JSON header, a content."""

import json
import struct
import sys


def encode(content, content_type, encoding):
    header = {
        "byteorder": sys.byteorder,
        "content-type": content_type,
        "content-encoding": encoding,
        "content-length": len(content),
    }
    header = json.dumps(header, ensure_ascii=False).encode("utf-8")
    return struct.pack(">H", len(header)) + header + content


def encode_json(value):
    content = json.dumps(value, ensure_ascii=False).encode("utf-8")
    return encode(content, "text/json", "utf-8")


class Decoder:
    """Takes bytes as they come; `message` is set when one is whole."""

    def __init__(self):
        self.received = b""
        self.header_length = None
        self.header = None
        self.message = None

    def feed(self, received):
        self.received += received
        if self.header_length is None and len(self.received) >= 2:
            (self.header_length,) = struct.unpack(">H", self.take(2))
        if self.header is None and self.header_length is not None:
            if len(self.received) >= self.header_length:
                self.header = json.loads(self.take(self.header_length).decode("utf-8"))
        if self.header is not None:
            if len(self.received) >= self.header["content-length"]:
                self.message = self.take(self.header["content-length"])

    def take(self, size):
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def text(self):
        return json.loads(self.message.decode(self.header["content-encoding"]))
