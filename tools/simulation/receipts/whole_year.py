"""A year with its January in virtual time, and a database that is away for three weeks of it: how
far the deliveries fall behind, and how soon they have caught up.

`python -m tools.simulation.receipts.whole_year [FACTS]`. What is read is put there as read leaves
it; deliver, wake, settle and sweep are the real ones. How fast a lane is, is the simulation's: a
call takes some milliseconds, and one comes after the other.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from receipts import documents, ids
from receipts.delivery.messages import Delivery
from receipts.delivery.pointers import Pointers
from receipts.ledger import Ledger, ReadResult
from receipts.rows import FileRow, State
from receipts.settings import SweepSettings
from tools.simulation.aws.calls import Call
from tools.simulation.aws.messages import Message
from tools.simulation.aws.queues import Queue
from tools.simulation.broken import Broken
from tools.simulation.faults import AnyCall
from tools.simulation.plan import Event
from tools.simulation.receipts import deployed, world
from tools.simulation.receipts.contents import HINTS, answer_to, page_of, receipts_of
from tools.simulation.receipts.plan import EVENTS, Plan
from tools.simulation.receipts.standins import installed

SECOND, DAY = 1_000_000, 86_400 * 1_000_000
FACTS, DAYS = 10_000, 365
JANUARY, PEAK = range(20, 31), 0.6  # days of the year in which that share of it comes
AWAY_FROM = 24  # in the middle of it
CUSTOMER, BATCH = "customer", ids.batch_id_of("customer", "year")
HOURS = range(8, 18)  # in which people send
DRAINS_WITHIN_DAYS = 30
SWEEP_US = 6 * 3600 * SECOND


@dataclass(frozen=True)
class Year:
    """What a year came to.

    `behind` are facts at most, `recovered_days` from when the database was back.
    """

    facts: int
    rows: int
    twice: int
    behind: int
    away_days: int
    recovered_days: float
    rows_a_second: float
    connections: int
    in_vain: int
    sent_again: int

    def line(self) -> str:
        """For a person."""
        return (
            f"{self.facts:,} facts in a year, {self.rows:,} rows, {self.twice} sent to the database twice; away for "
            f"{self.away_days} days of January and February: {self.behind:,} behind, caught up "
            f"{self.recovered_days * 86_400:,.0f} s after ({self.rows_a_second:.0f} rows a second); at most "
            f"{self.connections} connections, {self.in_vain:,} in vain; {self.sent_again:,} pointers sent again"
        )


class Passing(AnyCall):
    """Nothing breaks; a request and its answer take some milliseconds."""

    def before(self, call: Call) -> None:
        """The call is on its way."""
        self._world.lambdas.pass_time()

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Its answer is on its way."""
        self._world.checker.effect(call, answer)
        self._world.lambdas.pass_time()


class Long(world.World):
    """The world of a year: as many facts, on their days."""

    def __init__(self, facts: int, seed: int) -> None:
        away = Event(EVENTS.index("three weeks"), AWAY_FROM * 86_400_000)
        super().__init__(Plan((), events=(away,), seed=seed), meddler=Passing)
        self.behind = self.put = self.pointers = 0
        self.back_at = self.caught_up_at = self.rows_back = 0
        self._ledger = Ledger(self.cloud.client("dynamodb"), self.deployed.table("ledger"))
        self._s3, self._facts = self.cloud.client("s3"), facts
        self.cloud.sqs.on_send(self._is_sent)
        self._pointers = Pointers(self.cloud.client("sqs"), self.settings(SweepSettings))

    def play(self) -> None:
        """The year. Raises Broken."""
        for number, at in enumerate(_times(self._facts, self.rng)):
            self.stage.at(self.started + at, partial(self._read, number))
        back = self.started + AWAY_FROM * DAY + deployed.THREE_WEEKS_US
        self.stage.at(back, self._back)
        self.stage.run(self.started + DAYS * DAY)
        self.stage.run(self.stage.now + DRAINS_WITHIN_DAYS * DAY, lambda: not self.checker.ledger.to_deliver)
        if self.checker.ledger.to_deliver:
            raise Broken("lost", f"{len(self.checker.ledger.to_deliver)} facts are not delivered in the end")

    def _sweep(self) -> None:
        """The schedule calls sweep, which would find nothing where nothing waits."""
        self.stage.at(self.stage.now + SWEEP_US, self._sweep)
        if self.checker.ledger.to_deliver:
            self.lambdas.invoke("sweep", {"source": "schedule"}, self._swept)

    def unfinished(self) -> str:
        """How many facts wait."""
        return f"{len(self.checker.ledger.to_deliver)} facts"

    def _read(self, number: int) -> None:
        """A file was read: its document, its row, its pointer and a tick."""
        file_id, now = f"{number:032x}", self.stage.now
        key = documents.key_of(ids.customer_key(CUSTOMER), file_id)
        made = documents.Document(
            batch_id=BATCH,
            customer_id=CUSTOMER,
            file_id=file_id,
            names=["one.jpg"],
            read_at="2026-11-21T08:00:00.000000Z",
            reader="year",
            pages=1,
            width=1,
            height=1,
            notes=[],
            receipts=documents.receipts_of(receipts_of(answer_to(page_of(0, 0)), HINTS), [None]),
        )
        self._s3.put_object(Bucket=deployed.DOCUMENTS, Key=key, Body=documents.encode(made), ContentType="json")
        row = FileRow(BATCH, CUSTOMER, file_id, State.RECEIVED, "one.jpg", deployed.UPLOADS, "in/b/000", "e", 1, now)
        self._ledger.receive(row, ttl=now // SECOND + 400 * 86_400)
        self._ledger.read(BATCH, file_id, ReadResult(key, 1, is_for_review=False, read_at=now))
        self._pointers.send([Delivery(batch_id=BATCH, customer_id=CUSTOMER, file_id=file_id)])
        self.put += 1
        self.behind = max(self.behind, len(self.checker.ledger.to_deliver))

    def _is_sent(self, queue: Queue, message: Message) -> None:
        self.pointers += queue.name == deployed.DELIVERY.name and not message.receives

    def _back(self) -> None:
        self.back_at, self.rows_back = self.stage.now, len(self.server.rows)
        self._is_caught_up()

    def _is_caught_up(self) -> None:
        if self.checker.ledger.to_deliver:
            self.stage.at(self.stage.now + SECOND, self._is_caught_up)
        else:
            self.caught_up_at = self.stage.now
            self.rows_back = len(self.server.rows) - self.rows_back


def _times(facts: int, rng: Any) -> list[int]:
    """When each is read (µs): by day in working hours, most of it in January's last days."""
    peak = int(PEAK * facts)
    days = [rng.choice(JANUARY) for _ in range(peak)] + [rng.randrange(DAYS) for _ in range(facts - peak)]
    hour = 3600 * SECOND
    return sorted(day * DAY + rng.choice(HOURS) * hour + rng.randrange(hour) for day in days)


def whole_year(facts: int = FACTS, seed: int = 1) -> Year:
    """One year. Raises Broken."""
    with installed(small=False):
        made = Long(facts, seed)
        made.run()
    seconds = (made.caught_up_at - made.back_at) / SECOND
    sent = made.checker.standing.sent
    return Year(
        facts=made.put,
        rows=len(made.server.rows),
        twice=sent.total() - len(sent),
        behind=made.behind,
        away_days=deployed.THREE_WEEKS_US // DAY,
        recovered_days=seconds / 86_400,
        rows_a_second=made.rows_back / seconds,
        connections=made.server.peak,
        in_vain=made.checker.lanes.failures,
        sent_again=made.pointers - made.put,
    )


def main(arguments: Sequence[str]) -> int:
    """Print a year: [FACTS]."""
    print(whole_year(*map(int, arguments)).line())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
