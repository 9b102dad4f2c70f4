"""What becomes of the messages of one event of the ingest queue.

That is their ballots, what goes to quarantine, what failed and why.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from shared import logs, queues
from shared.quarantine import QuarantineStore, line_of
from shared.witness import Witnessing
from votes.ballot import Ballot, Code, Refusal
from votes.messages import Unreadable

MOST_OBJECTS = 50

DAY_US = 86_400 * 1_000_000

Json = dict[str, Any]


class QuarantinedInput(NamedTuple):
    """A ballot or message on its way to quarantine, from the record numbered `source`."""

    source: int
    reason: Code
    received_at: int
    line: Json
    ballot_id: str | None


class Batch:
    """One event's messages.

    `taken`: ballots as they came, by message: the record's number, when received (µs), ballots.
    """

    def __init__(self, records: list[Json]) -> None:
        self.records = records
        self.taken: list[tuple[int, int, list[Ballot]]] = []
        self.failed: set[int] = set()
        self.problems: dict[tuple[str, str], tuple[set[int], dict[str, str]]] = {}
        self._quarantined: list[QuarantinedInput] = []

    def add(self, source: int, received_at: int, ballots: list[Ballot]) -> None:
        """Take in ballots of a record."""
        self.taken.append((source, received_at, ballots))

    def fail(self, sources: Iterable[int], place: str, kind: str, **cause: str) -> None:
        """Let records come again: this kind of error at this place kept them from being done."""
        sources = set(sources)
        self.failed |= sources
        self.problems.setdefault((place, kind), (set(), cause))[0].update(sources)

    def failed_records(self) -> list[Json]:
        """The records that failed, in their order."""
        return self.records_of(self.failed)

    def records_of(self, sources: Iterable[int]) -> list[Json]:
        """The records with these numbers, in their order."""
        return [self.records[source] for source in sorted(sources)]

    def quarantine(
        self, source: int, refusal: Refusal, received_at: int, raw: object, index: int = 0
    ) -> None:
        """Keep a ballot, as it came, for quarantine.

        Its index in the message is part of the stamp that one without would have had.
        """
        ballot_id = raw.get("ballot_id") if isinstance(raw, dict) else None
        if not isinstance(ballot_id, str):
            ballot_id = None
        line = line_of("ingest", refusal.code, refusal.message, received_at, ballot=raw)
        if index:
            line["place"] = index
        self._quarantined.append(
            QuarantinedInput(source, refusal.code, received_at, line, ballot_id)
        )

    def quarantine_message(self, source: int, error: Unreadable) -> None:
        """Keep a whole message for quarantine."""
        record = self.records[source]
        sent_at = queues.sent_at_us(record)
        line = line_of("ingest", error.reason, error.detail, sent_at, body=record["body"])
        self._quarantined.append(QuarantinedInput(source, error.reason, sent_at, line, None))

    def put_quarantined(
        self, store: QuarantineStore, witnessing: Witnessing, context: Any
    ) -> Counter[str]:
        """Put in quarantine what is kept for it: how much, by reason.

        Records that failed are left out, because they come again whole. What quarantine does not
        take fails its records.
        """
        done: Counter[str] = Counter()
        for group in self._objects():
            sources = {one.source for one in group}
            if queues.out_of_time(context):
                self.fail(sources, "quarantine", "OutOfTime")
                continue
            try:
                store.put(group[0].reason, group[0].received_at, [one.line for one in group])
                witnessing.settled("quarantined", [one.ballot_id for one in group if one.ballot_id])
            except Exception as error:
                self.fail(sources, "quarantine", logs.kind_of(error), **logs.cause_of(error))
                continue
            done[group[0].reason] += len(group)
        return done

    def _objects(self) -> list[list[QuarantinedInput]]:
        """What is kept for quarantine, by the object that it goes into.

        One a record and reason, so that a redelivered message overwrites its own. In a flood, which
        would make a batch last for minutes, one a reason and day; then a line may come to be there
        twice.
        """
        waiting = [one for one in self._quarantined if one.source not in self.failed]
        for fine in (True, False):
            objects: dict[tuple[int, str, int], list[QuarantinedInput]] = {}
            for one in waiting:
                key = (one.source if fine else 0, str(one.reason), one.received_at // DAY_US)
                objects.setdefault(key, []).append(one)
            if len(objects) <= MOST_OBJECTS:
                break
        return list(objects.values())
