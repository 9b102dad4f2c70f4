"""The statements in what a client sends: each as a whole, with its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tools.local_cloud.premises import wire


@dataclass(frozen=True)
class Part:
    """What a client sent: a whole statement if it has a `text`, that ends with READY."""

    content: bytes
    text: str | None = None


class Statements:
    """Cuts one client's bytes into statements: all up to a query or a Sync is one of them.

    The server acts on each message as it gets it, so who holds a statement up holds all of it.
    """

    def __init__(self) -> None:
        self._frames = wire.Frames()
        self._held, self._text = bytearray(), ""
        self._prepared: dict[bytes, str] = {}

    def of(self, part: bytes) -> Iterator[Part]:
        """What is complete with this part."""
        for kind, message in self._frames.of(part):
            if kind in wire.AT_ONCE:
                yield Part(message)
                continue
            self._held += message
            self._name(kind, message)
            if kind in (wire.QUERY, wire.SYNC):
                yield Part(bytes(self._held), self._text)
                self._held, self._text = bytearray(), ""
            elif kind in (wire.FLUSH, wire.TERMINATE):
                yield Part(bytes(self._held))
                self._held = bytearray()

    def _name(self, kind: bytes, message: bytes) -> None:
        if kind == wire.QUERY:
            self._text = _text(message[5:].split(b"\0", 1)[0])
        elif kind == wire.PARSE:
            name, query = message[5:].split(b"\0", 2)[:2]
            self._text = self._prepared[name] = _text(query)
        elif kind == wire.BIND:
            name = message[5:].split(b"\0", 2)[1]
            self._text = self._prepared.get(name, self._text)


def _text(query: bytes) -> str:
    return query.decode("utf-8", "replace")
