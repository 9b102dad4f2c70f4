"""What `make status` shows of votes: how far the counting is, and the totals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tools.operations.deployment import Deployment
from tools.operations.votes.progress import progress
from votes import standing, tallies

MOST_PAGES = 20  # of the tallies table: one page is 1 MB, about 5,000 titles


class Totals(NamedTuple):
    """Over all titles: a voter is counted once a title; `complete`: the whole table was read."""

    titles: int
    voters: int
    votes: int
    complete: bool


def lines(deployment: Deployment) -> Iterator[str]:
    """A line for the journal, and one for the totals."""
    dynamodb = deployment.client("dynamodb")
    done = progress(deployment, dynamodb)
    as_of = datetime.fromtimestamp(done.as_of / 1e6, UTC).isoformat(timespec="seconds") if done.as_of else "never"
    open_too = " (another is open)" if done.open else ""
    yield f"journal: {done.entries} entries, {done.behind} not folded yet; epoch {done.epoch}{open_too}, as of {as_of}"
    totals = _totals(deployment, dynamodb)
    part = "" if totals.complete else " (of the first titles only)"
    yield f"totals{part}: {totals.titles} titles, {totals.voters} voters, {totals.votes} standing votes"


def _totals(deployment: Deployment, dynamodb: Any) -> Totals:
    titles = voters = votes = 0
    table = deployment.outputs["tables"]["tallies"]
    fold = tallies.Tallies(dynamodb, table).fold()  # before the rows, which are then at least as new
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    more = False

    def items() -> Iterator[list[dict[str, Any]]]:
        nonlocal more
        for page in pages:
            more = "LastEvaluatedKey" in page
            yield page["Items"]

    for number, shown in enumerate(tallies.all_shown(items(), fold.view if fold else None), 1):
        for counters in shown.values():
            titles += 1
            voters += counters.get(standing.VOTERS, 0)
            votes += sum(n for name, n in counters.items() if name != standing.VOTERS)
        if number == MOST_PAGES and more:
            return Totals(titles, voters, votes, complete=False)
    return Totals(titles, voters, votes, complete=True)
