"""All messages of the emulator's queues at one instant, without touching one.

Its peek is one synchronous step of the emulator, so a message that a function moves is in one queue
or the other, or in both: never in none. It reads every body, which holds the emulator up: from
MOST_PEEKED messages on only the queues' own counts are asked for.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tools.live.local.place import Place
from tools.operations.deployment import Deployment
from tools.operations.queues import depth, on_emulator
from tools.operations.redrive import named_by

MOST_PEEKED = 2_000
SECONDS = 10.0  # for an answer with many bodies


class Message(NamedTuple):
    """A message as the emulator holds it; `sent_at` in seconds since 1970.

    `named`: the id under which failures name it.
    """

    id: str
    body: str
    sent_at: float
    is_visible: bool
    receives: int
    group: str
    named: str

    @property
    def in_flight(self) -> bool:
        """Whether somebody has received it and not given it back."""
        return not self.is_visible and self.receives > 0


@dataclass(frozen=True)
class Held:
    """What a queue holds: counts, and the messages themselves; None where nobody looked at them."""

    waiting: int
    in_flight: int
    delayed: int
    oldest_seconds: float | None
    messages: Sequence[Message] | None

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.in_flight + self.delayed


def held(messages: Sequence[Message], now: float) -> Held:
    """The counts of messages that were looked at."""
    in_flight = sum(one.in_flight for one in messages)
    waiting = sum(one.is_visible for one in messages)
    oldest = max(0.0, now - min(one.sent_at for one in messages)) if messages else None
    return Held(waiting, in_flight, len(messages) - waiting - in_flight, oldest, messages)


class Peek:
    """Looks at all queues of an emulator; by name."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = list(places)
        self._deployment: Deployment = self._places[0].deployment
        self._total = 0

    def look(self) -> dict[str, Held]:
        """Each queue's, dead-letter queues too, by its name."""
        if self._total > MOST_PEEKED:
            found = self._counted()
        else:
            now, peeked = time.time(), peeked_at(self._deployment)
            found = {name: held(peeked.get(name, ()), now) for name in self._names()}
        self._total = sum(one.total for one in found.values())
        return found

    def _names(self) -> dict[str, tuple[Place, str]]:
        """Every queue's name → where it is, and its URL."""
        names = {}
        for place in self._places:
            for queue in place.queues.values():
                names[queue["name"]] = place, queue["url"]
                names[queue["dead_letter_name"]] = place, queue["dead_letter_url"]
        return names

    def _counted(self) -> dict[str, Held]:
        found = {}
        for name, (place, url) in self._names().items():
            now = depth(place.client("sqs"), url)
            found[name] = Held(now.waiting, now.in_flight, now.delayed, None, None)
        return found


def peeked_at(deployment: Deployment, url: str = "") -> dict[str, list[Message]]:
    """The messages of all queues, or of the one of that URL, by the queue's name."""
    found = on_emulator(deployment, url, seconds=SECONDS)
    return {name: list(map(_message, messages)) for name, messages in found.items()}


def _message(told: dict[str, Any]) -> Message:
    return Message(
        str(told["MessageId"]),
        str(told["Body"]),
        float(told["SentTimestamp"]),
        bool(told["IsVisible"]),
        int(told["ReceiveCount"]),
        str(told["MessageGroupId"] or ""),
        named_by(told),
    )
