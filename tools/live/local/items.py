"""Which items a message holds, read once a message: their bodies are large, and do not change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from tools.live.local.messages import Held, Message

ItemsOf = Callable[[str], Sequence[str]]  # a body's items, by their ids


class Items:
    """Remembers the items of messages that are there."""

    def __init__(self, items_of: ItemsOf) -> None:
        self._items_of = items_of
        self._known: dict[str, Sequence[str]] = {}

    def of(self, messages: Iterable[Message]) -> set[str]:
        """All items of these messages, which are the only ones there are."""
        known: dict[str, Sequence[str]] = {}
        found: set[str] = set()
        for one in messages:
            known[one.id] = self._known.get(one.id) or self._items_of(one.body)
            found.update(known[one.id])
        self._known = known
        return found


def messages_in(held: Mapping[str, Held], queues: Iterable[str]) -> list[Message] | None:
    """The messages of these queues; None where one holds too many to be looked at."""
    found: list[Message] = []
    for name in queues:
        messages = held[name].messages
        if messages is None:
            return None
        found += messages
    return found
