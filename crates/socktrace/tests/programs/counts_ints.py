"""Counts the SIGINTs that it gets, up to a SIGTERM."""
import signal
import sys

counts = []


def end(*_):
    print(len(counts), "came")
    sys.exit(0)


signal.signal(signal.SIGINT, lambda *_: counts.append(1))
signal.signal(signal.SIGTERM, end)
sys.stdout.write("ready\n")
sys.stdout.flush()
while True:
    signal.pause()
