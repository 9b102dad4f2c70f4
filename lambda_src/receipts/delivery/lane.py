"""A lane: one process, one connection, one transaction at a time, at the database's pace.

It connects and pings before it receives, and deletes after the commit: a database that is down
costs a connection, and no message a receive. Whatever is lost on the way comes again and changes
nothing. deliver runs a lane by its ticks, the agent for ever.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import NamedTuple

from receipts.delivery import halving
from receipts.delivery.halving import Landed
from receipts.delivery.inbox import Asked, Inbox
from receipts.delivery.messages import Heartbeat, Question
from receipts.delivery.pace import Budget, Pace
from receipts.delivery.paced import Paced
from receipts.delivery.port import Away, Database
from receipts.delivery.work import Documents, Work, outcomes
from shared import clock, fanout, logs

# why a run ended; one that is idle never found anything, and looked but once
EMPTY, IDLE, TIME, AWAY = "empty", "idle", "time", "away"
WAIT_SECONDS = 2  # for a first message: within what a client waits for an answer (`clients`)
MORE_SECONDS = 1  # for further ones, while rows wait for their transaction
BEAT_SECONDS = 30


class NotTold(Exception):
    """The delivered queue does not take what became of rows, which stand: they come again."""


class Ended(NamedTuple):
    """Why a run ended, and the pace that it left off at."""

    why: str
    pace: Pace


class Lane:
    """A lane, by its name ("lambda-0"); `connect` opens a connection or raises Away.

    `version` is the release, for whoever reads the heartbeats; a receive waits `wait_seconds` for a
    first message. A lane does one run at a time.
    """

    def __init__(
        self,
        name: str,
        inbox: Inbox,
        documents: Documents,
        connect: Callable[[], Database],
        budget: Budget,
        version: str,
        wait_seconds: int = WAIT_SECONDS,
    ) -> None:
        self._name, self._inbox, self._documents = name, inbox, documents
        self._connect, self._budget, self._version = connect, budget, version
        self._wait_seconds = wait_seconds
        self._rows, self._beat_at = 0, 0

    def run(
        self, pace: Pace, is_out_of_time: Callable[[], bool], *, is_expected: bool = True
    ) -> Ended:
        """Deliver until nothing comes, the time is over, or the database is away.

        A run whose work is not expected looks once, and lingers only after something came.
        Raises the clients' errors and NotTold: whatever was in hand comes again then.
        """
        self._rows, self._beat_at = 0, clock.now_us()
        try:
            with closing(self._connect()) as connection:
                database = Paced(connection, pace, self._budget, is_out_of_time)
                database.ping()
                ended = self._work(database, is_out_of_time, is_expected)
        except Away as away:
            seen = {"lane": self._name, "reason": away.reason, "sqlstate": away.sqlstate}
            logs.logger().warning("database away", extra=seen)
            self._beat(pace, 0, away.reason)
            return Ended(AWAY, pace)
        self._beat(ended.pace, database.slowest_ms())
        return ended

    def _work(self, database: Paced, is_out_of_time: Callable[[], bool], lingers: bool) -> Ended:
        looks = 1 + self._budget.linger_seconds // WAIT_SECONDS
        empty = 0
        while not is_out_of_time():
            if empty:
                database.ping()  # it may have gone while nothing came
            works, came = self._gather(database.pace.rows, is_out_of_time)
            self._deliver(database, works)
            empty = 0 if came else empty + 1
            lingers = lingers or came
            if empty and not lingers:
                return Ended(IDLE, database.pace)
            if empty >= looks:
                return Ended(EMPTY, database.pace)
            if clock.now_us() - self._beat_at >= BEAT_SECONDS * 1_000_000:
                self._beat(database.pace, database.slowest_ms())
        return Ended(TIME, database.pace)

    def _gather(self, most: int, is_out_of_time: Callable[[], bool]) -> tuple[list[Work], bool]:
        """About as much as fits a transaction of `most` rows; and whether anything came at all."""
        works: list[Work] = []
        came = False
        while not is_out_of_time():
            left = most - max(len(works), sum(len(work.rows) for work in works))
            if left <= 0:
                break
            asked, count = self._inbox.receive(left, MORE_SECONDS if works else self._wait_seconds)
            if not count:
                break
            came = True
            works += self._read(asked)
        return works, came

    def _read(self, asked: Sequence[Asked]) -> list[Work]:
        """Read the documents. Those that cannot be read now come later.

        Raises the error where that is true of all.
        """
        works: list[Work] = []
        errors: list[Exception] = []
        for one, found in zip(asked, fanout.each(self._tried, asked), strict=True):
            if isinstance(found, Work):
                works.append(found)
            else:
                errors.append(found)
                self._inbox.fail([one.record], found)
        if errors and not works:
            raise errors[0]
        return works

    def _tried(self, asked: Asked) -> Work | Exception:
        try:
            return self._documents.work(asked)
        except Exception as error:  # one document nobody foresaw must not hold up the others
            return error

    def _deliver(self, database: Paced, works: Sequence[Work]) -> None:
        """Deliver what is in hand, and say what became of it; the rest is given back."""
        landed = Landed()
        rows = [row for work in works for row in work.rows]
        try:
            while rows and not database.is_over():
                some, rows = rows[: database.pace.rows], rows[database.pace.rows :]
                halving.deliver(some, landed, database.deliver, database.is_over)
            for work in works:
                what = work.asked.what
                if isinstance(what, Question) and not database.is_over():
                    work.counted_at = clock.now_us()
                    counted = database.count(what.customer_id, what.keys)
                    work.standing = {file_id: counted.get(file_id, 0) for file_id in what.keys}
        finally:
            self._rows += len(landed.standing)
            self._settle(works, landed)

    def _settle(self, works: Sequence[Work], landed: Landed) -> None:
        """Tell what became of it, and only then delete. Raises NotTold."""
        said = [(work, outcomes(work, landed, self._name)) for work in works]
        told = [(work, outcome) for work, some in said for outcome in some]
        unsent = self._inbox.tell([outcome for _, outcome in told])
        untold = {id(told[index][0]) for index in unsent}
        done = [work for work, some in said if some and id(work) not in untold]
        self._inbox.done([work.record for work in done])
        self._inbox.give_back(work.record for work in works if work not in done)
        if untold:
            raise NotTold(f"{len(untold)} of {len(works)}")

    def _beat(self, pace: Pace, latency_ms: int, trouble: str | None = None) -> None:
        """Say how the lane is. One that is not sent is missed, and the log tells."""
        beat = Heartbeat(
            lane=self._name,
            at=clock.now_us(),
            reached=trouble is None,
            reason=trouble,
            latency_ms=latency_ms,
            rows=self._rows,
            rows_a_transaction=pace.rows,
            rest_ms=pace.rest_ms,
            version=self._version,
        )
        self._inbox.tell([beat])
        self._rows, self._beat_at = 0, beat.at
