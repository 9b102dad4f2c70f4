"""What becomes of the messages of one event of the ingest queue: their ballots, what is held for quarantine, what failed and why."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from shared import logs, queues
from votes import quarantine
from votes.ballot import Ballot, Code, Refusal
from votes.messages import Unreadable

MOST_OBJECTS = 50

DAY_US = 86_400 * 1_000_000

Json = dict[str, Any]


class Held(NamedTuple):
    """A ballot or message on its way to quarantine, from the record numbered `source`."""

    source: int
    reason: Code
    received_at: int
    line: Json
    ballot_id: str | None


class Batch:
    """One event's messages. `taken`: ballots as they came, each message's with the record it came in and when it was received (µs)."""

    def __init__(self, records: list[Json]) -> None:
        self.records = records
        self.taken: list[tuple[int, int, list[Ballot]]] = []
        self.failed: set[int] = set()
        self.problems: dict[tuple[str, str], tuple[set[int], dict[str, str]]] = {}
        self.settled_ids: list[str] = []
        self._held: list[Held] = []

    def add(self, source: int, received_at: int, ballots: list[Ballot]) -> None:
        """Take in ballots of a record."""
        self.taken.append((source, received_at, ballots))

    def fail(self, sources: Iterable[int], place: str, kind: str, **cause: str) -> None:
        """Let records come again: what they hold was not done, for an error of this kind at this place."""
        sources = set(sources)
        self.failed |= sources
        self.problems.setdefault((place, kind), (set(), cause))[0].update(sources)

    def failed_records(self) -> list[Json]:
        """The records that failed, in their order."""
        return self.records_of(self.failed)

    def records_of(self, sources: Iterable[int]) -> list[Json]:
        """The records with these numbers, in their order."""
        return [self.records[source] for source in sorted(sources)]

    def hold(self, source: int, refusal: Refusal, received_at: int, raw: object, place: int = 0) -> None:
        """Keep a ballot, as it came, for quarantine; its place in the message is part of the stamp that one without would have had."""
        ballot_id = raw.get("ballot_id") if isinstance(raw, dict) else None
        line = quarantine.line_of("ingest", refusal.code, refusal.message, received_at, ballot=raw)
        if place:
            line["place"] = place
        self._held.append(Held(source, refusal.code, received_at, line, ballot_id if isinstance(ballot_id, str) else None))

    def hold_message(self, source: int, error: Unreadable) -> None:
        """Keep a whole message for quarantine."""
        record = self.records[source]
        sent_at = queues.sent_at_us(record)
        line = quarantine.line_of("ingest", error.reason, error.detail, sent_at, body=record["body"])
        self._held.append(Held(source, error.reason, sent_at, line, None))

    def put_held(self, shelf: quarantine.Shelf, context: Any) -> Counter[str]:
        """Put in quarantine what is held, of records that did not fail (those come again whole); how much, by reason.

        What quarantine does not take fails its records.
        """
        done: Counter[str] = Counter()
        for group in self._objects():
            sources = {held.source for held in group}
            if queues.out_of_time(context):
                self.fail(sources, "quarantine", "OutOfTime")
                continue
            try:
                shelf.put(group[0].reason, group[0].received_at, [held.line for held in group])
            except Exception as error:
                self.fail(sources, "quarantine", logs.kind_of(error), **logs.cause_of(error))
                continue
            done[group[0].reason] += len(group)
            self.settled_ids += [held.ballot_id for held in group if held.ballot_id]
        return done

    def _objects(self) -> list[list[Held]]:
        """What is held, an object each: one a record and reason, so that a redelivered message overwrites its own.

        In a flood, which would make a batch last for minutes, one a reason and day; then a line may come to be there twice.
        """
        waiting = [held for held in self._held if held.source not in self.failed]
        for fine in (True, False):
            objects: dict[tuple[int, str, int], list[Held]] = {}
            for held in waiting:
                key = (held.source if fine else 0, str(held.reason), held.received_at // DAY_US)
                objects.setdefault(key, []).append(held)
            if len(objects) <= MOST_OBJECTS:
                break
        return list(objects.values())
