"""Waits for ever; with `deaf` it is deaf to SIGTERM, too."""
import signal
import sys

if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    signal.pause()
