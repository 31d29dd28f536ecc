"""An echo server for many clients. `--mutant NAME` gives it one defect."""

from evented import is_mutant, main


class Echo:
    """What one client sends, on its way back."""

    def __init__(self):
        self.taken = bytearray()
        self.is_finished = False
        # Echoed bytes are never too many to be read.
        self.is_held = False
        self.n_taken = 0

    def take(self, data):
        if is_mutant("strips-newlines"):
            data = data.rstrip(b"\n")
        if is_mutant("strips-spaces"):
            data = data.rstrip(b" ")
        if is_mutant("crlf-to-lf"):
            data = data.replace(b"\r\n", b"\n")
        if is_mutant("drops-zeros"):
            data = data.replace(b"\0", b"")
        if is_mutant("seven-bits"):
            data = bytes(byte & 0x7F for byte in data)
        if is_mutant("loses-last-of-4096") and len(data) % 4096 == 0:
            data = data[:-1]
        if is_mutant("first-65535-of-a-read"):
            data = data[:65535]
        if is_mutant("first-16-mib"):
            data = data[: max(0, (16 << 20) - self.n_taken)]
        self.n_taken += len(data)
        self.taken += data

    def answer(self, unsent, limit):
        """Moves all to the output: reading stops before it can be too much."""
        unsent += self.taken
        self.taken.clear()
        return False

    def due(self, limit):
        """No part of a message is ever waited for: there are no messages."""
        return None

    def close(self):
        """It holds nothing that others could use."""


if __name__ == "__main__":
    main(Echo)
