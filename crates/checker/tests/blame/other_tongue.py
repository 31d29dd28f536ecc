"""Serves, or comes as a client, and says in a language that isn't English why it can't.

serve|come HOST PORT
"""
import socket
import sys

kind, host, port = sys.argv[1:]
try:
    if kind == "come":
        socket.create_connection((host, int(port)))
    listener = socket.create_server((host, int(port))) if kind == "serve" else None
except (OSError, OverflowError, ValueError):
    sys.exit(f"ошибка: {host}:{port}: адрес недоступен")
while listener:
    listener.accept()
