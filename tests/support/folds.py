"""What tests of the fold share: ballots cast as entries, folds on any store, and what they make of
the titles.
"""

import time
from itertools import chain
from typing import Any

from tests.support.emulated import Stores
from tools.operations.deployment import Deployment
from tools.operations.votes.wake import wake_tally
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import Folding
from votes.tallies import Tallies, read_titles

SHARDS = 4
SECOND = 1_000_000
LONG = 100 * SECOND


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_000_000_000_000

    def __call__(self) -> int:
        return self.now


def folding_on(stores: Stores, changes: int = 1000, clock: Any = None) -> Folding:
    return Folding(stores.journal, stores.tallies, SHARDS, changes, clock or Clock())


def cast(stores: Stores, shard: int, *titles: str, start: int = 0) -> None:
    """One entry of the shard, a ballot a title."""
    ballots = [Ballot(f"v{shard}-{start + n}", title, {"story": 5}, "b", 1) for n, title in enumerate(titles)]
    Counting(stores.journal, SHARDS, Clock()).count(shard, ballots)


def tallied(stores: Stores) -> dict[str, dict[str, int]]:
    client, table = stores.tallies._client, stores.tallies._table
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return read_titles(chain.from_iterable(page["Items"] for page in pages))


def votes_of(number: int) -> dict[str, int]:
    return {"story#5": number, "voters": number}


def upto(stores: Stores) -> dict[int, int]:
    upto: dict[int, int] = stores.tallies.fold().upto
    return upto


def fold_titles(deployment: Deployment, bound: float = 60.0) -> None:
    """Have all that was counted in the titles' rows, as a person has who waits for it."""
    wake_tally(deployment)
    tallies = Tallies(deployment.client("dynamodb"), deployment.outputs["tables"]["tallies"])
    until = time.monotonic() + bound
    while (fold := tallies.fold()) is None or fold.view or fold.open:
        assert time.monotonic() < until, f"not folded within {bound:.0f} s"
        time.sleep(0.3)


def lose(stores: Stores, shard: int, n: int) -> None:
    key = {"shard": {"N": str(shard)}, "n": {"N": str(n)}}
    stores.journal._client.delete_item(TableName=stores.journal._journal, Key=key)
