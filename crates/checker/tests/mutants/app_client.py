"""A client of the application protocol. `--mutant NAME` gives it one defect."""

import argparse
import json
import socket
import struct
import sys

MAX_CONTENT = 8 << 20
ENCODINGS = ("utf-8", "ascii", "latin-1", "utf-16", "utf-16-le", "utf-16-be")
MUTANT = ""


def is_mutant(name):
    return MUTANT == name


def encode(value):
    separators = (",", ":") if is_mutant("compact-json") else None
    ascii_only = is_mutant("escaped-json")
    return json.dumps(value, ensure_ascii=ascii_only, separators=separators).encode()


def request(action, value):
    if action == "search":
        kind, encoding = "text/json", "utf-8"
        content = encode({"action": action, "value": value})
    else:
        kind, encoding = "binary/custom-client-binary-type", "binary"
        content = action.encode() + value.encode()
    header = {
        "byteorder": "big" if is_mutant("says-big") else sys.byteorder,
        "content-type": kind,
        "content-encoding": encoding,
        "content-length": len(content),
    }
    data = encode(header)
    return struct.pack(">H", len(data)) + data + content


def receive(sock, length, part):
    data = b""
    while len(data) < length:
        piece = sock.recv(length - len(data))
        if not piece:
            raise ValueError(f"the server ended inside the {part}, {length - len(data)} bytes short")
        data += piece
        if is_mutant("header-in-one-read") and part == "header":
            break
    return data


def response(sock):
    (length,) = struct.unpack(">H", receive(sock, 2, "length"))
    header = json.loads(receive(sock, length, "header"))
    n_bytes, encoding = header["content-length"], header["content-encoding"]
    if n_bytes > MAX_CONTENT and not is_mutant("any-length"):
        raise ValueError(f"content is {n_bytes} bytes, limit is {MAX_CONTENT}")
    if is_mutant("content-to-4-kib"):
        n_bytes = min(n_bytes, 4096)
    # Without it, what numbers mean can't be known.
    order = header.get("byteorder")
    is_lenient = is_mutant("byteorder-may-be-missing") and order is None
    is_lenient = is_lenient or (is_mutant("any-byteorder") and order is not None)
    if order not in ("little", "big") and not is_lenient:
        raise ValueError(f"expected little or big as byteorder, got {order}")
    content = receive(sock, n_bytes, "content")
    if is_mutant("content-to-4-kib") and header["content-length"] > n_bytes:
        return content
    if header["content-type"] != "text/json":
        return content
    if encoding not in ENCODINGS:
        if not is_mutant("unknown-is-utf-8"):
            raise ValueError(f"expected one of {', '.join(ENCODINGS)}, got {encoding}")
        encoding = "utf-8"
    return json.loads(content.decode(encoding))


def main():
    global MUTANT
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("action")
    parser.add_argument("value")
    parser.add_argument("--timeout", type=float, default=10)
    parser.add_argument("--mutant", default="")
    arguments = parser.parse_args()
    MUTANT = arguments.mutant
    address = (arguments.host, arguments.port)
    try:
        with socket.create_connection(address, arguments.timeout) as sock:
            sock.sendall(request(arguments.action, arguments.value))
            answer = response(sock)
    except (OSError, ValueError, KeyError, TypeError) as error:
        if is_mutant("traceback"):
            raise
        # As the runtimes of other languages tell of a crash.
        if is_mutant("panic"):
            sys.exit(f"\nthread 'main' (1) panicked at src/main.rs:7:5:\n{error!r}")
        if is_mutant("uncaught"):
            sys.exit(f'Exception in thread "main" java.io.IOException: {error!r}')
        print(f"error: {arguments.host}:{arguments.port}: {error!r}", file=sys.stderr)
        sys.exit(0 if is_mutant("always-0") else 1)
    if isinstance(answer, bytes):
        print(answer)
        return
    result = answer["result"] if isinstance(answer, dict) else answer
    if not is_mutant("shows-nothing"):
        print(result)
    if is_mutant("traceback-for-an-error") and "error" in answer:
        raise ValueError(result)
    is_error = "error" in answer or str(result).startswith("Error: ")
    if is_mutant("no-match-fails"):
        is_error = is_error or str(result).startswith("No match")
    if is_mutant("only-codes-fail"):
        is_error = "error" in answer
    sys.exit(1 if is_error and not is_mutant("errors-exit-0") else 0)


main()
