"""Watches a history, ballot by ballot, as it happens: nothing lost, nothing unexpected, nothing
twice, nothing out of order.

A ballot is known by its id from the moment it is on a queue. Each is held by a message (of any
queue, dead letters too), or settled: quarantined, or decided by the journal. That is looked at
whenever a message goes, and at every 202.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tools.simulation.aws.calls import Call
from tools.simulation.aws.messages import Message
from tools.simulation.aws.queues import Queue
from tools.simulation.votes.counted import Counted
from votes.ballot import Ballot

if TYPE_CHECKING:
    from tools.simulation.votes.world import World


class Checker(Counted):
    """What is known of one history's ballots."""

    def __init__(self, world: "World") -> None:
        super().__init__(world)
        self.accepted: set[str] = set()
        self.held: Counter[str] = Counter()
        self.quarantined: set[str] = set()
        self._moving = 0
        self.witnesses: dict[str, set[str]] = {"accepted": set(), "settled": set()}
        self._keyless: set[str] = set()  # witnesses that were settled before there was a key for them
        self._key_made_in = 0  # the number of the invocation: what it tells of, it sends after that
        world.cloud.sqs.on_send(self._sent)
        world.cloud.sqs.on_delete(self._gone)

    # --- messages come and go ---

    def _sent(self, queue: Queue, message: Message) -> None:
        for ballot_id, row in contents(message.body):
            self.held[ballot_id] += 1
            if "-ingest" in queue.name:
                self._judge(ballot_id, row, message)
            elif ballot_id not in self.known:
                self._broken("unexpected", f"ballot {ballot_id} is on {queue.name}, and nobody sent it")
            elif isinstance(row, list) and len(row) == 5 and self.known[ballot_id] != Ballot(*row):
                self._broken("altered", f"{row} was sent as {self.known[ballot_id]}")
        self._world.woken(queue)

    def _judge(self, ballot_id: str, row: Any, message: Message) -> None:
        """What must become of a ballot, by the message it came in: the same, however often that
        message is delivered.
        """
        verdict, ballot = self._world.verdict(row, message)
        self.verdicts[ballot_id].add(verdict)
        if ballot is not None and self.known.setdefault(ballot_id, ballot) != ballot:
            self._broken("altered", f"{ballot} was sent as {self.known[ballot_id]}")
        self.known.setdefault(ballot_id, Ballot("", "", {}, ballot_id, 0))

    def _gone(self, queue: Queue, message: Message) -> None:
        for ballot_id, _ in contents(message.body):
            self.held[ballot_id] -= 1
            if not self._moving:
                self._conserved(ballot_id, f"its last message, on {queue.name}, was {message.gone}")

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Messages leave one place and join another in here; looked at in the end."""
        self._moving += 1
        yield
        self._moving -= 1
        for ballot_id in self.known:
            self._conserved(ballot_id, "it was lost on the way")

    def replaced(self, messages: Sequence[Message]) -> None:
        """These messages are not on their queue any more."""
        for message in messages:
            for ballot_id, _ in contents(message.body):
                self.held[ballot_id] -= 1

    def accept(self, ballot_ids: Sequence[str]) -> None:
        """A client was told that these are on the queue."""
        for ballot_id in ballot_ids:
            self.accepted.add(ballot_id)
            self._conserved(ballot_id, "it was answered as accepted")

    def _conserved(self, ballot_id: str, when: str) -> None:
        if self.held[ballot_id] <= 0 and not self.settled(ballot_id):
            self._broken("lost", f"ballot {ballot_id} is in no queue, not in the journal, not in quarantine: {when}")

    def settled(self, ballot_id: str) -> bool:
        """Whether it is in quarantine, or the journal knows it or a later one, aspect by aspect."""
        if ballot_id in self.quarantined:
            return True
        ballot = self.known.get(ballot_id)
        if ballot is None or not ballot.votes:
            return False
        decided = self.decided.get((ballot.voter_id, ballot.title_id), {})
        return all(aspect in decided and decided[aspect].stamp >= ballot.stamp for aspect in ballot.votes)

    # --- writes take effect ---

    def effect(self, call: Call, answer: dict[str, Any]) -> None:
        """A call took effect."""
        look: Callable[[Call, dict[str, Any]], None] | None = {
            "PutItem": self._row_put,
            "UpdateItem": self._updated,
            "BatchExecuteStatement": self._votes_put,
            "PutObject": self._shelved,
            "ChangeMessageVisibilityBatch": self._backed_off,
        }.get(call.operation)
        if look is not None:
            look(call, answer)
        if call.operation == "PutItem" and call.params["TableName"].endswith("-keys"):
            key = call.params["Item"]["key"]["B"]
            self._key_made_in = self._running()
            self._keyless = {witness_of(ballot_id, key) for ballot_id in self.known if self.settled(ballot_id)}

    def witnessed(self, stage: str, hashes: Sequence[str]) -> None:
        """A line tells of these witnesses.

        A ballot that was settled before there was a key, and is sent again after by who began then,
        left no line of that: known, and told in docs/votes/reliability.md.
        """
        sent_again = self._keyless if stage == "accepted" and self._running() >= self._key_made_in else set()
        self.witnesses[stage].update(set(hashes) - sent_again)

    def _running(self) -> int:
        """The number of the invocation that runs; 0 for a person."""
        actor = self._world.stage.current
        return actor.context.number if actor else 0

    def _backed_off(self, call: Call, _: dict[str, Any]) -> None:
        self._world.woken(self._world.cloud.sqs.queue(call.params["QueueUrl"]))

    # --- quarantine ---

    def _shelved(self, call: Call, _: dict[str, Any]) -> None:
        for line in call.params["Body"].decode().splitlines():
            held = json.loads(line)
            if held["source"] == "journal":
                continue  # an entry that was mended: its ballots are looked at one by one
            ballot_id = _id_of(held["ballot"]) if "ballot" in held else _named(held["body"])
            if "quarantine" not in self.verdicts.get(ballot_id, ()):
                self._broken(
                    "unexpected", f"{ballot_id} is in quarantine, and nothing is wrong with it: {held['detail']}"
                )
            self.quarantined.add(ballot_id)


@lru_cache(1000)
def contents(body: str) -> list[tuple[str, Any]]:
    """The ballots in a message's body, with their ids; a body that is no message counts as one
    ballot, known by what it is.
    """
    try:
        message = json.loads(body)
    except ValueError:
        return [(_named(body), body)]
    if isinstance(message, dict) and "slot" in message:
        return []
    rows = message.get("ballots", [message]) if isinstance(message, dict) else [message]
    return [(_id_of(row), row) for row in rows]


def witness_of(ballot_id: str, key: bytes) -> str:
    """A ballot's name in lines, by the environment's key."""
    return hashlib.blake2b(ballot_id.encode(), key=key, digest_size=16).hexdigest()[:16]


def _id_of(row: Any) -> str:
    found = (
        row.get("ballot_id") if isinstance(row, dict) else row[3] if isinstance(row, list) and len(row) == 5 else None
    )
    return found if isinstance(found, str) else _named(json.dumps(row, sort_keys=True))


def _named(text: str) -> str:
    return "text-" + hashlib.sha256(text.encode()).hexdigest()[:16]
