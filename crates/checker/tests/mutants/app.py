"""A server of the application protocol. `--mutant NAME` gives it one defect."""

import codecs
import json
import struct
import sys
import time
from collections import deque

from evented import READ_SIZE, is_mutant, main

ANSWERS = {
    "morpheus": "Follow the white rabbit. \U0001f430",
    "ring": "In the caves beneath the Misty Mountains. \U0001f48d",
    "\U0001f436": "\U0001f43e Playing ball! \U0001f3d0",
}
MAX_CONTENT = 8 << 20
ENCODINGS = {"utf-8", "ascii", "iso8859-1", "utf-16", "utf-16-le", "utf-16-be"}
# How many bytes of content all clients together make the server hold.
MAX_HELD = 32 << 20
# A content has the time of its header, and as long as it takes at this rate.
BYTES_PER_SECOND = 64 << 10
TEXT_FIELDS = ("byteorder", "content-type", "content-encoding")


class Refused(Exception):
    """A message that is answered by an error with a code."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def fields_once(pairs):
    fields = dict(pairs)
    if len(fields) != len(pairs) and not is_mutant("fields-twice"):
        raise ValueError("a field is given twice")
    return fields


def no_constants(name):
    raise ValueError(f"{name} isn't JSON")


def parse_json(text):
    return json.loads(text, object_pairs_hook=fields_once, parse_constant=no_constants)


def parse_header(data):
    if is_mutant("headers-to-4-kib") and len(data) > 4096:
        raise Refused("bad-header", f"header is {len(data)} bytes, limit is 4096")
    try:
        header = parse_json(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused("bad-header", f"expected a JSON header, {error}") from error
    if not isinstance(header, dict):
        raise Refused("bad-header", "expected a JSON object as header")
    for field in TEXT_FIELDS:
        if not isinstance(header.get(field), str):
            raise Refused("bad-header", f"expected text as {field}, got {header.get(field)!r}")
    if header["byteorder"] not in ("little", "big"):
        raise Refused("bad-header", f"expected little or big, got {header['byteorder']!r}")
    length = header.get("content-length")
    if is_mutant("true-is-a-length") and length is True:
        length = 1
    if type(length) is not int or length < 0:
        raise Refused("bad-header", f"expected a content-length from 0, got {length!r}")
    if length > MAX_CONTENT:
        raise Refused("too-large", f"content is {length} bytes, limit is {MAX_CONTENT}")
    header["content-length"] = length
    return header


class Room:
    """What is left of `MAX_HELD`, given away in the order in which it is asked for."""

    def __init__(self):
        self.n_held = 0
        self.waiting = deque()

    def ask(self, session):
        if is_mutant("no-bound") or is_mutant("reserves-nothing"):
            return
        # What one read brings is held anyway.
        is_small = session.n_wanted <= READ_SIZE
        if is_mutant("small-waits-too"):
            is_small = False
        if is_mutant("refuses-when-full") and is_small and self.waiting:
            raise Refused("too-large", "the server is full")
        if is_small:
            return
        if is_mutant("refuses-whom-it-cannot-take") and self.n_held + session.n_wanted > MAX_HELD:
            raise Refused("too-large", "the server is full")
        session.is_held = True
        self.waiting.append(session)
        self.let_in()

    def note(self, session, n_came):
        """Without a reservation, all share the room, and nobody's content gets whole."""
        if is_mutant("reserves-nothing") and session.n_wanted > READ_SIZE:
            session.n_reserved += n_came
            self.n_held += n_came
            if self.n_held > MAX_HELD and not session.is_held:
                session.is_held = True
                self.waiting.append(session)

    def let_in(self):
        while self.waiting and self.n_held + self.waiting[0].n_wanted <= MAX_HELD:
            session = self.waiting.popleft()
            session.is_held = False
            session.n_reserved = session.n_wanted
            self.n_held += session.n_reserved
            # Its deadline stood still.
            session.started = time.monotonic()

    def give_back(self, session):
        if session.is_held:
            self.waiting.remove(session)
            session.is_held = False
        if is_mutant("never-lets-in"):
            return
        self.n_held -= session.n_reserved
        session.n_reserved = 0
        self.let_in()


ROOM = Room()


class Messages:
    """One client's requests, and what is answered."""

    def __init__(self):
        # Room for a content that is to come, and how much of it is reserved.
        self.n_wanted = 0
        self.n_reserved = 0
        self.is_held = False
        self.taken = bytearray()
        self.header = None
        self.is_finished = False
        # When the first byte of a message came that isn't whole yet.
        self.started = None
        self.n_answers = 0
        self.held = None

    def take(self, data):
        is_in_content = self.header is not None
        is_new_start = is_mutant("each-byte-is-progress") or (
            is_in_content and is_mutant("each-byte-of-content-is-progress")
        )
        if self.started is None or is_new_start:
            self.started = time.monotonic()
        self.taken += data
        ROOM.note(self, len(data))

    def due(self, limit):
        """When a message that isn't whole is dropped."""
        if self.started is None or self.is_held:
            return None
        if self.header is None:
            if is_mutant("waits-for-the-length") and len(self.taken) < 2:
                return None
            return self.started + limit
        if is_mutant("deadline-for-the-header-only"):
            return None
        return self.started + limit + self.n_wanted / BYTES_PER_SECOND

    def close(self):
        ROOM.give_back(self)

    def answer(self, unsent, limit):
        """Answers whole requests; true if more wait for room in the output."""
        while not self.is_finished:
            if len(unsent) >= limit:
                return True
            try:
                message = self.next_message()
            except Refused as error:
                unsent += self.error(error, False)
                if not is_mutant("stays-after-bad-header"):
                    self.is_finished = True
                self.taken.clear()
                break
            if message is None:
                break
            self.started = time.monotonic() if self.taken else None
            self.put(unsent, *message)
            ROOM.give_back(self)
        else:
            self.taken.clear()
        return False

    def next_message(self):
        if self.header is None:
            if len(self.taken) < 2:
                return None
            (length,) = struct.unpack_from(">H", self.taken)
            if length == 0:
                raise Refused("bad-header", "expected a header, its length is 0")
            if len(self.taken) < 2 + length:
                return None
            data = bytes(self.taken[2 : 2 + length])
            del self.taken[: 2 + length]
            self.header = parse_header(data)
            self.n_wanted = self.header["content-length"]
            ROOM.ask(self)
        length = self.n_wanted
        if self.is_held or len(self.taken) < length:
            return None
        content = bytes(self.taken[:length])
        del self.taken[:length]
        header, self.header = self.header, None
        return header, content

    def put(self, unsent, header, content):
        is_kept = header.get("connection") == "keep-alive"
        if is_mutant("keeps-everybody"):
            is_kept = True
        try:
            response = self.respond(header, content, is_kept)
        except Refused as error:
            if is_mutant("ends-at-bad-content"):
                is_kept = False
            response = self.error(error, is_kept)
        if not is_kept:
            self.is_finished = True
        self.n_answers += 1
        if is_mutant("pairs-swapped") and is_kept:
            # Two answers change places when the second is due at the same time.
            if self.held is not None:
                unsent += response + self.held
                self.held = None
            elif len(self.taken) > 0:
                self.held = response
            else:
                unsent += response
            return
        unsent += response

    def respond(self, header, content, is_kept):
        kind = header["content-type"]
        if kind == "text/json":
            result = self.request(header["content-encoding"], content)
            return text({"result": result}, is_kept)
        if kind == "binary/u32":
            return frame("binary/u64", "binary", total(header, content), is_kept)
        first = content[:10]
        if is_mutant("pads-to-ten"):
            first = first.ljust(10, b"\0")
        if is_mutant("no-answer-to-nothing") and not content:
            first = b"nothing"
        answer = b"First 10 bytes of request: " + first
        return frame("binary/custom-server-binary-type", "binary", answer, is_kept)

    def request(self, encoding, content):
        try:
            name = codecs.lookup(encoding).name
        except LookupError:
            name = None
        if name not in ENCODINGS:
            if is_mutant("unknown-is-utf-8"):
                name = "utf-8"
            else:
                known = ", ".join(sorted(ENCODINGS))
                raise Refused("unknown-encoding", f"expected one of {known}, got {encoding}")
        if is_mutant("latin-1-is-windows-1252") and name == "iso8859-1":
            name = "windows-1252"
        if is_mutant("utf-16-is-big-endian") and name == "utf-16":
            if content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
                name = "utf-16-be"
        try:
            request = parse_json(content.decode(name))
        except (ValueError, RecursionError) as error:
            raise Refused("bad-content", f"expected JSON in {name}, {error}") from error
        if not isinstance(request, dict) or not isinstance(request.get("action"), str):
            raise Refused("bad-request", "expected an object with an action")
        if request["action"] != "search":
            return f"Error: invalid action '{request['action']}'."
        value = request.get("value")
        if not isinstance(value, str):
            raise Refused("bad-request", "expected a text value to search for")
        key = value.lower() if is_mutant("any-case-is-found") else value
        return ANSWERS.get(key, f"No match for '{value}'.")

    def error(self, error, is_kept):
        answer = {"result": f"Error: {error}.", "error": error.code}
        if is_mutant("no-code"):
            del answer["error"]
        if is_mutant("one-code-for-all"):
            answer["error"] = "bad-request"
        if is_mutant("error-without-its-word"):
            answer["result"] = f"{error}."
        surplus = 1 if is_mutant("error-length-off-by-one") else 0
        return text(answer, is_kept, surplus)


def total(header, content):
    if len(content) % 4:
        raise Refused("bad-content", f"expected numbers of 4 bytes, got {len(content)} bytes")
    order = "<" if header["byteorder"] == "little" else ">"
    if is_mutant("sum-in-own-order"):
        order = "="
    numbers = sum(struct.unpack(f"{order}{len(content) // 4}I", content))
    if is_mutant("sum-of-32-bits"):
        numbers &= 0xFFFFFFFF
    reply = ">" if is_mutant("sum-answered-big-endian") else "="
    return struct.pack(f"{reply}Q", numbers)


def text(answer, is_kept, surplus=0):
    content = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    return frame("text/json", "utf-8", content, is_kept, surplus)


def frame(kind, encoding, content, is_kept, surplus=0):
    header = {
        "byteorder": sys.byteorder,
        "content-type": kind,
        "content-encoding": encoding,
        "content-length": len(content) + surplus,
    }
    if is_kept and not is_mutant("keeps-silently"):
        header["connection"] = "keep-alive"
    data = json.dumps(header, ensure_ascii=False).encode("utf-8")
    return struct.pack(">H", len(data)) + data + content


if __name__ == "__main__":
    main(Messages)
