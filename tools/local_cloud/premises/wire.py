"""As much of PostgreSQL's protocol (version 3) as a front has to know.

https://www.postgresql.org/docs/18/protocol-message-formats.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
MOST_STARTUP = 10_000  # bytes, as the server itself has it
QUERY, PARSE, BIND, SYNC, FLUSH, TERMINATE = b"Q", b"P", b"B", b"S", b"H", b"X"  # of clients
ERROR, READY = b"E", b"Z"  # of servers
AT_ONCE = (b"p", b"d", b"c", b"f")  # of clients: passwords and data to copy, which are no statements


class Frames:
    """Cuts a stream of bytes into messages: a letter, and the whole message with it."""

    def __init__(self) -> None:
        self._held = bytearray()

    def of(self, part: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The messages that are complete with this part."""
        self._held += part
        begin, held = 0, self._held
        while len(held) - begin >= 5:
            end = begin + 1 + int.from_bytes(held[begin + 1 : begin + 5])
            if len(held) < end:
                break
            yield bytes(held[begin : begin + 1]), bytes(held[begin:end])
            begin = end
        del held[:begin]


def sqlstate(error: bytes) -> str:
    """The SQLSTATE in a server's error message; empty where it has none."""
    for field in error[5:].split(b"\0"):
        if field[:1] == b"C":
            return field[1:].decode("ascii", "replace")
    return ""


def user(startup: bytes) -> str:
    """The user in a startup message; empty where it names none."""
    said = startup[8:].split(b"\0")
    named = dict(zip(said[::2], said[1::2], strict=False))
    return named.get(b"user", b"").decode("utf-8", "replace")


def fatal(code: str, why: str) -> bytes:
    """A server's message that ends the connection."""
    fields = (("S", "FATAL"), ("V", "FATAL"), ("C", code), ("M", why))
    body = b"".join(f"{kind}{text}".encode() + b"\0" for kind, text in fields) + b"\0"
    return ERROR + struct.pack("!I", len(body) + 4) + body
