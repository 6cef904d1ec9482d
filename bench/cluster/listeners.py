"""Subscribers of one Redis channel that take what comes and look at nothing.

python -m bench.cluster.listeners --port PORT --password PASSWORD --channel NAME --count 10
"""

import argparse
import selectors
import socket

SCRATCH = bytearray(1 << 18)


def subscriber(port: int, password: str, channel: str) -> socket.socket:
    """A connection that has asked for everything that is published there."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(command("AUTH", password) + command("SUBSCRIBE", channel))
    answers = b""
    while not answers.endswith(b":1\r\n"):
        answers += connection.recv(4096)
    return connection


def command(*words: str | bytes) -> bytes:
    """A command as Redis reads it."""
    encoded = [word.encode() if isinstance(word, str) else word for word in words]
    parts = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)
    return b"*%d\r\n%b" % (len(encoded), parts)


def main() -> None:
    """Subscribes so many times, says so, and listens until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--channel", required=True)
    parser.add_argument("--count", type=int, required=True)
    options = parser.parse_args()
    selector = selectors.DefaultSelector()
    for _ in range(options.count):
        connection = subscriber(options.port, options.password, options.channel)
        selector.register(connection, selectors.EVENT_READ)
    print("listening", flush=True)
    while True:
        for key, _ in selector.select():
            if isinstance(key.fileobj, socket.socket) and not key.fileobj.recv_into(SCRATCH):
                return


if __name__ == "__main__":
    main()
