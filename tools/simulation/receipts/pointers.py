"""The messages of a history: pointers, none of which is deleted before what it points at is done.

A sweep mends what is lost all the same; that is for purges and weeks, not for a worker's haste.
"""

import json
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from tools.simulation.aws.messages import Message
from tools.simulation.aws.queues import Queue
from tools.simulation.receipts import deployed

if TYPE_CHECKING:
    from tools.simulation.receipts.checker import Checker

Json = dict[str, Any]
File = tuple[str, str]  # batch and file id
Part = tuple[str, int, int]  # batch, first entry, how many
SECOND = 1_000_000
RESENT_AFTER_US = 15 * 60 * SECOND
DISTURBING = ("outage", "deploy", "roll back", "cut pages")


class Pointers:
    """What points at which file or part of an archive."""

    def __init__(self, checker: "Checker") -> None:
        self._checker, self._world = checker, checker._world
        self.held: Counter[File | Part] = Counter()
        self._swept: dict[File, int] = {}  # when sweep has sent a pointer last
        self._purged: set[File | Part] = set()
        self._world.cloud.sqs.on_send(self._sent)
        self._world.cloud.sqs.on_delete(self._gone)

    def receives_of(self, file: File) -> int:
        """How often a file's message was received, at most."""
        queue = self._world.cloud.sqs.queues[deployed.IMAGE.name]
        return max((one.receives for one in queue.messages.values() if file in about(one.body)), default=0)

    def replaced(self, messages: Sequence[Message]) -> None:
        """These messages are not on their queue any more; they are sent again."""
        for message in messages:
            self.held.subtract(about(message.body))

    def _sent(self, queue: Queue, message: Message) -> None:
        for one in about(message.body):
            self.held[one] += 1
            self._purged.discard(one)
            if len(one) == 2 and queue.name == deployed.IMAGE.name:
                self._by_sweep(one)
        self._world.woken(queue)
        self._world.came(queue)

    def _by_sweep(self, file: File) -> None:
        """A sweep sends a file's pointer again after a pause, and each time after a longer one."""
        actor, now = self._world.stage.current, self._world.stage.now
        if actor is None or actor.context.function != "sweep":
            return
        plan, fired = self._world.plan, self._world.events.fired
        before, self._swept[file] = self._swept.get(file, 0), now
        disturbed = plan.faults or plan.skew or any(fired[kind] for kind in DISTURBING)
        if now - before < RESENT_AFTER_US and not disturbed:
            self._checker.broken("sweep", f"{file} is sent again {(now - before) // SECOND} s after the last time")

    def _gone(self, queue: Queue, message: Message) -> None:
        for one in about(message.body):
            self.held[one] -= 1
            if message.gone != "deleted":
                if message.gone == "purged":
                    self._purged.add(one)
            elif len(one) == 3:
                self._part_done(one)
            else:
                self._file_done(one)
        if message.gone == "deleted" and queue.name == deployed.INTAKE.name:
            for batch_id, slot in uploads_of(message.body):
                self._upload_done(batch_id, slot)

    def _file_done(self, file: File) -> None:
        row = self._checker.ledger.rows.get((file[0], f"file#{file[1]}"))
        if row is not None and row["state"]["S"] == "received" and self.held[file] <= 0 and file not in self._purged:
            self._checker.broken("lost", f"the last pointer at {file} is deleted, and it is not read")

    def _part_done(self, part: Part) -> None:
        """A part of an archive needs no message any more: all of it has come to something."""
        batch_id, first, count = part
        done = self._checker.ledger.outcomes(batch_id)
        missing = [place for place in range(first, first + count) if place not in done]
        if missing and self.held[part] <= 0 and self._is_there(batch_id, "archive.zip"):
            self._checker.broken("lost", f"the last message of {part} is deleted, without {missing}")
        self._pointed_at(batch_id, done, range(first, first + count))

    def _upload_done(self, batch_id: str, slot: str) -> None:
        """S3's event of an upload is needed no more: it has come to something, or to parts."""
        row = self._checker.ledger.rows.get((batch_id, "#batch"))
        place = -1 if slot == "archive.zip" else int(slot) if slot.isdigit() and len(slot) == 3 else None
        if row is None or place is None or not self._is_there(batch_id, slot):
            return
        done = self._checker.ledger.outcomes(batch_id)
        if place >= 0:
            if place not in done:
                self._checker.broken("lost", f"the event of {batch_id} {slot} is deleted, and nothing came of it")
            self._pointed_at(batch_id, done, range(place, place + 1))
        elif place not in done:
            held = [one for one, n in self.held.items() if n > 0 and len(one) == 3 and one[0] == batch_id]
            held += [one for one in self._purged if len(one) == 3 and one[0] == batch_id]
            parts = {number for _, first, count in held for number in range(first, first + count)}
            entries = range(int(row["entries"]["N"]) if "entries" in row else 1)
            if missing := [number for number in entries if number not in done and number not in parts]:
                self._checker.broken("lost", f"the event of {batch_id} {slot} is deleted, without entries {missing}")

    def _pointed_at(self, batch_id: str, done: dict[int, Json], places: range) -> None:
        """Each file that was taken in is read, or something points at it."""
        for place in places:
            file = (batch_id, done[place]["file_id"]["S"]) if "file_id" in done.get(place, ()) else None
            if file is not None:
                self._file_done(file)

    def _is_there(self, batch_id: str, name: str) -> bool:
        return f"in/{batch_id}/{name}" in self._world.cloud.s3.buckets[deployed.UPLOADS]


@lru_cache(2_000)
def about(body: str) -> tuple[File | Part, ...]:
    """The file or part that a message points at; none for one that is S3's or nobody's."""
    try:
        said = json.loads(body)
    except ValueError:
        return ()
    if "file_id" in said:
        return ((said["batch_id"], said["file_id"]),)
    return ((said["batch_id"], said["first"], said["count"]),) if "first" in said else ()


@lru_cache(2_000)
def uploads_of(body: str) -> tuple[tuple[str, str], ...]:
    """Batch and slot of each upload that an event tells of."""
    keys = [unquote_plus(one["s3"]["object"]["key"]) for one in json.loads(body).get("Records", ())]
    parts = [key.split("/") for key in keys]
    return tuple((part[1], part[2]) for part in parts if len(part) == 3)
