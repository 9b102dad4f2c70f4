"""The ranking of titles: which have the most votes, and which are the best, all in one object.

`best` is fair to a title that few voted on: it ranks by the lower bound of what its mean may be,
given so many votes (E. Miller, "Ranking Items With Star Ratings: An Approximate Bayesian Approach",
2014; each score counts one vote more than it has, and Z is the normal quantile of 95 %). A title's
place so depends on its own votes alone, and five votes of 5 stand behind five thousand of 4.8.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, Literal, NamedTuple

from shared.versions import require_known
from votes.standing import VOTERS, Delta, counter

VERSION = 1
KEY = "rankings/titles.json"
Z = 1.65
MOST_PLACES = 250  # of one order
ALL_PLACES = 3_000  # of all orders: more aspects have fewer places each

Order = Literal["most-voted", "best"]
ORDERS: tuple[Order, ...] = ("most-voted", "best")


class Histogram(NamedTuple):
    """The votes on an aspect: how many, the sum of their scores, and the best's lower bound."""

    votes: int
    total: int
    bound: float


class Title(NamedTuple):
    """A title with its votes by aspect."""

    title_id: str
    voters: int
    aspects: dict[str, Histogram]


class Place(NamedTuple):
    """A title in an order, and the number that it is ranked by."""

    title: Title
    by: float


@dataclass(slots=True)
class Ranking:
    """The ranking as of an epoch, which fixed its range at `as_of` (µs since 1970).

    `places` has the titles of each order and aspect (None: all aspects), the first first.
    """

    epoch: int
    as_of: int
    places: dict[tuple[str, str | None], list[Place]] = field(default_factory=dict)


def lower_bound(histogram: Mapping[int, int]) -> float:
    """What the mean of the scores is at least, with so many votes; `histogram` has every score."""
    total = sum(histogram.values()) + len(histogram)
    mean = sum(score * (votes + 1) for score, votes in histogram.items()) / total
    square = sum(score * score * (votes + 1) for score, votes in histogram.items()) / total
    return mean - Z * sqrt(max(0.0, square - mean * mean) / (total + 1))


def read_title(
    title_id: str, counters: Delta, aspects: Sequence[str], scores: Sequence[int]
) -> Title:
    """A title of its tally's counters; one below zero counts as none, as in its results."""
    found: dict[str, Histogram] = {}
    for aspect in aspects:
        histogram = {score: max(0, counters.get(counter(aspect, score), 0)) for score in scores}
        total = sum(score * votes for score, votes in histogram.items())
        found[aspect] = Histogram(sum(histogram.values()), total, lower_bound(histogram))
    return Title(title_id, max(0, counters.get(VOTERS, 0)), found)


class Ranker:
    """Takes titles in, one by one, and keeps those that have a place."""

    def __init__(self, aspects: Sequence[str]) -> None:
        orders = [(order, aspect) for aspect in (None, *aspects) for order in ORDERS]
        self._most = min(MOST_PLACES, ALL_PLACES // len(orders))
        self._places: dict[tuple[str, str | None], list[Place]] = {key: [] for key in orders}

    def add(self, titles: Iterable[Title]) -> None:
        """Take in titles; those without votes have no place."""
        for title in titles:
            for (order, aspect), places in self._places.items():
                by = self._by(title, order, aspect)
                if by is not None:
                    places.append(Place(title, by))
                    if len(places) >= 2 * self._most:
                        self._cut(places)

    def places(self) -> dict[tuple[str, str | None], list[Place]]:
        """The titles of each order, the first first."""
        for places in self._places.values():
            self._cut(places)
        return self._places

    def _cut(self, places: list[Place]) -> None:
        places.sort(key=lambda one: (-one.by, -one.title.voters, one.title.title_id))
        del places[self._most :]

    def _by(self, title: Title, order: str, aspect: str | None) -> float | None:
        if aspect is None:
            if not title.voters:
                return None
            if order == "most-voted":
                return title.voters
            return sum(one.bound for one in title.aspects.values()) / len(title.aspects)
        histogram = title.aspects[aspect]
        if not histogram.votes:
            return None
        return histogram.votes if order == "most-voted" else histogram.bound


def encode(ranking: Ranking) -> bytes:
    """The object's body: every title once, and the orders as indices of titles."""
    index: dict[str, int] = {}
    titles: list[Any] = []
    orders: list[Any] = []
    for (order, aspect), places in ranking.places.items():
        of_order = []
        for title, by in places:
            if title.title_id not in index:
                index[title.title_id] = len(titles)
                said = {name: [one.votes, one.total] for name, one in title.aspects.items()}
                titles.append([title.title_id, title.voters, said])
            of_order.append([index[title.title_id], round(by, 4)])
        orders.append([order, aspect, of_order])
    body = {
        "v": VERSION,
        "epoch": ranking.epoch,
        "as_of": ranking.as_of,
        "titles": titles,
        "orders": orders,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def decode(body: bytes) -> Ranking:
    """The ranking of an object's body. Raises NewerVersion."""
    read = json.loads(body)
    require_known("the ranking", read["v"], VERSION)
    titles = [
        Title(
            title_id,
            voters,
            {name: Histogram(votes, total, 0.0) for name, (votes, total) in said.items()},
        )
        for title_id, voters, said in read["titles"]
    ]
    places = {
        (order, aspect): [Place(titles[index], by) for index, by in of_order]
        for order, aspect, of_order in read["orders"]
    }
    return Ranking(read["epoch"], read["as_of"], places)


def pages(client: Any, table: str) -> Iterator[list[dict[str, Any]]]:
    """Every row of the tallies table, a page a call; `client` is a DynamoDB client.

    Strongly consistent: beside a view, an older row would lack an epoch.
    """
    after: dict[str, Any] = {}
    while True:
        answer = client.scan(TableName=table, ConsistentRead=True, **after)
        yield answer["Items"]
        if not answer.get("LastEvaluatedKey"):
            return
        after = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
