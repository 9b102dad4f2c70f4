"""Event source mappings as Lambda's pollers: batches, windows, concurrency, partial failures."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tools.simulation.aws.errors import Refused
from tools.simulation.aws.queues import Queue
from tools.simulation.broken import Broken
from tools.simulation.deployed import Mapping

if TYPE_CHECKING:
    from tools.simulation.world import World

SECOND = 1_000_000
LOOKS_US = SECOND // 5  # from one look at a queue to the next, if no call ends before
Record = dict[str, Any]


class Poller:
    """Takes from one queue for one function."""

    def __init__(self, world: "World", mapping: Mapping, queue: Queue) -> None:
        self._world, self.mapping, self.queue = world, mapping, queue
        self._running = 0
        self._next: int | None = None  # when it will look at the queue
        self.delivered: dict[str, int] = {}  # message → how often it was given to the function
        self._switched = [(0, True)]  # when, and whether on

    @property
    def on(self) -> bool:
        """Whether the mapping is enabled."""
        return self._switched[-1][1]

    def switch(self, on: bool) -> None:
        """Somebody enables or disables the mapping."""
        if on != self.on:
            self._switched.append((self._world.stage.now, on))
            self.wake(self._world.stage.now)

    def was_on(self, since: int, until: int) -> set[bool]:
        """Whether it was on between these times: both where it was switched."""
        return {
            [on for at, on in self._switched if at <= since][-1],
            *(on for at, on in self._switched if since < at <= until),
        }

    def wake(self, at: int) -> None:
        """Look at the queue at this time, or before."""
        if self._next is None or at < self._next:
            self._next = at
            self._world.stage.at(at, lambda: self._look(at))

    def _look(self, at: int) -> None:
        if self._next != at:
            return  # it looked before, or will
        self._next = None
        while self.on and self._running < self.mapping.concurrency:
            most = self._world.rng.choice((1, 2, 3, 10, self.mapping.batch_size))
            records = self.queue.take(min(most, self.mapping.batch_size), self.mapping.visibility)
            if not records:
                break
            if self._world.events.receive_only(self.mapping.queue):
                # counted, and given to nobody; they come back when their visibility runs out
                continue
            self._running += 1
            for record in records:
                self.delivered[record["messageId"]] = self.delivered.get(record["messageId"], 0) + 1
            wait = int(self._world.rng.random() * self.mapping.window * SECOND)
            self._world.stage.at(self._world.stage.now + wait, lambda records=records: self._invoke(records))  # type: ignore[misc]
        self.look_again()

    def look_again(self) -> None:
        """Look again when something may be there to receive."""
        if self.on and self._running < self.mapping.concurrency and (due := self.queue.next_at()) is not None:
            self.wake(max(due, self._world.stage.now + LOOKS_US))

    def _invoke(self, records: list[Record]) -> None:
        def over(answer: Any, died: BaseException | None) -> None:
            self._running -= 1
            done = [] if died is not None else self._done(records, answer)
            for record in done:
                if self._world.events.keeps_message():
                    continue
                # its visibility ran out, or the queue was replaced: it comes again
                with suppress(Refused):
                    self.queue.delete(record["receiptHandle"])
            self.wake(self._world.stage.now + 1000)

        self._world.lambdas.invoke(self.mapping.function, {"Records": records}, over)

    def _done(self, records: list[Record], answer: Any) -> list[Record]:
        """The records that succeeded; as on Lambda, a malformed answer fails the whole batch."""
        if answer is None or answer == {}:
            return records
        listed: Any = answer.get("batchItemFailures", []) if isinstance(answer, dict) else "malformed"
        if listed is None or listed == []:
            return records
        ids = {record["messageId"] for record in records}
        try:
            failed = {failure["itemIdentifier"] for failure in listed}
        except (TypeError, KeyError):
            failed = {""}
        if not failed <= ids:
            wrong = f"{self.mapping.function} failed {sorted(map(str, failed - ids))}, of a batch of {sorted(ids)}"
            self._world.stage.stop(Broken("failed ids", wrong))
        return [record for record in records if record["messageId"] not in failed]
