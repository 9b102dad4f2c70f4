"""The tables on simulated DynamoDB with a clock of their own, and calls that break where a test
says; for what a person does with them.
"""

import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.votes.ballots import START_US, nonzero
from votes import aspects, last_entry, recount
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import Folding
from votes.journal import WRITERS_LIVE_SECONDS, Journal
from votes.recount import Report, TableSource
from votes.shards import shard_of
from votes.tallies import Tallies, read_titles

SHARDS = 2
SECOND = 1_000_000
PAGE = 2  # rows of a scan
ASPECTS = ("music", "story")
TABLES = {
    "journal": (("shard", "N"), ("n", "N")),
    "votes": (("voter_id", "S"), ("title_id", "S")),
    "tallies": (("title_id", "S"),),
}


class Crash(BaseException):
    """The process ends here; no `except Exception` holds it up."""


def _dies(*_: Any) -> Any:
    raise Crash


def dies_in(target: Any, method: str, work: Callable[[], Any], instead: Callable[..., Any] = _dies) -> None:
    """Do the work, whose process ends in this method."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, method, instead)
        with pytest.raises(Crash):
            work()


class Breaks:
    """Counts the calls of a cloud, and raises at one: before its effect (even places), or after it
    (odd ones).
    """

    def __init__(self) -> None:
        self.seen, self.at = 0, -1
        self._others: dict[int, Callable[[], Any]] = {}

    def before(self, call: Call) -> None:
        if call.operation == "Scan":
            call.most_items = PAGE
        self._step()

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        self._step()

    def _step(self) -> None:
        self.seen += 1
        if self.seen - 1 == self.at:
            raise Crash
        if other := self._others.pop(self.seen - 1, None):
            other()

    def at_place(self, place: int, other: Callable[[], Any]) -> None:
        """Let another work at this place, counted from now."""
        self.seen, self._others = 0, {place: other}

    def length(self, work: Callable[[], Any]) -> int:
        """How many places to break at there are in this work."""
        self.seen, self.at = 0, -1
        work()
        return self.seen

    def broken(self, at: int, work: Callable[[], Any]) -> bool:
        """Do the work and break it there; whether it broke."""
        self.seen, self.at = 0, at
        try:
            work()
        except Crash:
            return True
        finally:
            self.at = -1
        return False


class Counted:
    """A pipeline from its count messages on: ballots are counted, folded and audited; nobody else
    writes unless a test does.
    """

    def __init__(self, seed: int = 1, *, packed: bool = True) -> None:
        self.now = START_US
        self.rng = random.Random(seed)
        self.breaks = Breaks()
        self.cloud = Cloud(self.now_us, self.rng, self.breaks)
        for name, schema in TABLES.items():
            self.cloud.dynamodb.create_table(name, *schema)
        self.client = self.cloud.client("dynamodb")
        self.journal = Journal(self.client, "journal", "votes", packed=packed)
        self.tallies = Tallies(self.client, "tallies")
        self.cast: list[Ballot] = []

    def now_us(self) -> int:
        return self.now

    def later(self, seconds: float = WRITERS_LIVE_SECONDS + 1) -> None:
        self.now += int(seconds * SECOND)

    def ballot(self, voter_id: str, title_id: str, **votes: int | None) -> Ballot:
        """A new ballot, cast now."""
        self.now += 1
        return Ballot(voter_id, title_id, dict(votes), f"b{self.now}", self.now)

    def count(self, ballots: Iterable[Ballot]) -> None:
        """Count them one by one, so that each that changes something is an entry."""
        for ballot in ballots:
            self.cast.append(ballot)
            Counting(self.journal, SHARDS, self.now_us).count(shard_of(ballot.voter_id, SHARDS), [ballot])

    def some(self, number: int, voters: int = 6, titles: int = 3) -> list[Ballot]:
        """Ballots of few voters on few titles, cast now."""
        rng = self.rng
        scores: list[dict[str, int | None]] = [
            {"story": rng.randint(1, 3)},
            {"music": rng.randint(1, 3), "story": None},
        ]
        return [
            self.ballot(f"v{rng.randrange(voters)}", f"t{rng.randrange(titles)}", **rng.choice(scores))
            for _ in range(number)
        ]

    def fold(self) -> dict[int, str]:
        """Fold until there is nothing left to fold; the shards that stopped, and why."""
        folding = Folding(self.journal, self.tallies, SHARDS, 1000, self.now_us)
        while (progress := folding.fold(10**9)).epoch:
            pass
        return progress.stopped

    def move_heads(self) -> None:
        """As the schedule does: each to its shard's last finished entry."""
        Folding(self.journal, self.tallies, SHARDS, 1000, self.now_us).look_past_heads()

    def source(self) -> TableSource:
        return TableSource(self.client, "journal", "votes", "tallies")

    def audit(self, title_id: str | None = None) -> Report:
        return recount.audit(self.source(), title_id)

    def upto(self, shard: int) -> int:
        fold = self.tallies.fold()
        return fold.upto.get(shard, 0) if fold else 0

    def done(self, shard: int) -> int:
        """The shard's last entry."""
        return last_entry.end_of(self.journal, shard)

    def items(self, table: str) -> list[dict[str, Any]]:
        """Its rows."""
        pages = self.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def votes(self) -> list[dict[str, Any]]:
        """The rows of votes."""
        return [item for item in self.items("votes") if not aspects.is_it(item)]

    def tallied(self) -> dict[str, dict[str, int]]:
        """What the titles' rows say, without zeros."""
        return nonzero(read_titles(self.items("tallies")))

    def spoil(self, title_id: str, **added: int) -> None:
        """Change a title's tallies behind the pipeline's back; `story_2` stands for the counter
        story#2.
        """
        for name, number in added.items():
            self.client.update_item(
                TableName="tallies",
                Key={"title_id": {"S": title_id}},
                UpdateExpression="ADD #name :number SET epoch = if_not_exists(epoch, :none)",
                ExpressionAttributeNames={"#name": name.replace("_", "#")},
                ExpressionAttributeValues={":number": {"N": str(number)}, ":none": {"N": "0"}},
            )

    def damage(self, shard: int, n: int, body: bytes = b"\x01damaged") -> None:
        """Overwrite an entry's bytes."""
        self._set(shard, n, {"entry": {"B": body}})

    def _set(self, shard: int, n: int, attributes: dict[str, Any]) -> None:
        (row,) = [
            item for item in self.items("journal") if (item["shard"]["N"], item["n"]["N"]) == (str(shard), str(n))
        ]
        self.client.put_item(TableName="journal", Item=row | attributes)

    def lose(self, shard: int, n: int) -> None:
        """Delete an entry's row."""
        self.client.delete_item(TableName="journal", Key={"shard": {"N": str(shard)}, "n": {"N": str(n)}})


class Shelf:
    """Quarantine in memory; putting the same again is no second object."""

    def __init__(self) -> None:
        self.objects: dict[str, list[dict[str, Any]]] = {}

    def put(self, reason: str, day_us: int, lines: Iterable[Any]) -> str:
        held = [dict(line) for line in lines]
        key = f"{reason}/{hash(str(held))}"
        self.objects[key] = held
        return key
