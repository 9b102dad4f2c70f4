"""The ballots of a bench run: real titles by their real popularity; the same from the same seed."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from tools.traffic.votes.direct_count import DirectCount, Tally
from tools.traffic.votes.load import ASPECTS, films

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
CHANGED_MINDS, DUPLICATES = 0.05, 0.01
ASPECTS_A_BALLOT = 3

Ballot = dict[str, Any]  # as a client sends it, with its own stamp
Ids = Literal["short", "uuid"]
Tallies = dict[str, dict[str, int]]  # title → "aspect#score" → standing votes


def ballots(size: int, seed: int = 1, *, titles: int = 1000, ids: Ids = "short") -> list[Ballot]:
    """`size` ballots of three aspects, in the order in which they were cast.

    5 % are a voter's second thoughts on a title, 1 % come twice to the letter. `titles`: 1,000 is
    the films as they are; fewer are the most voted on; more repeat the films' vote counts under
    further names.
    """
    rng = random.Random(seed)  # noqa: S311 (repeatable, not secret)
    weights = list(itertools.islice(itertools.cycle(film.votes for film in films()), titles))
    name = _namer(rng, ids)
    title_ids = [name("title", index) for index in range(titles)]
    voter_ids = [name("voter", index) for index in range(max(20, size // 3))]
    drawn: list[Ballot] = []
    cast: dict[tuple[str, str], None] = {}
    pairs: list[tuple[str, str]] = []
    for index, title in enumerate(rng.choices(title_ids, weights, k=size)):
        chance = rng.random()
        if drawn and chance < DUPLICATES:
            drawn.append(rng.choice(drawn))
            continue
        if pairs and chance < DUPLICATES + CHANGED_MINDS:
            pair = rng.choice(pairs)
        else:
            pair = _fresh(rng, voter_ids, title, cast, name)
            cast[pair] = None
            pairs.append(pair)
        at = NOW - timedelta(hours=1) + timedelta(milliseconds=index)
        votes = {aspect: rng.randint(1, 5) for aspect in rng.sample(ASPECTS, ASPECTS_A_BALLOT)}
        cast_at = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        drawn.append(
            {
                "voter_id": pair[0],
                "title_id": pair[1],
                "votes": votes,
                "ballot_id": name("ballot", index),
                "cast_at": cast_at,
            }
        )
    return drawn


def _fresh(
    rng: random.Random, voters: list[str], title: str, cast: dict[tuple[str, str], None], name: Any
) -> tuple[str, str]:
    """A voter who has not voted on the title; a new one where nearly all have."""
    for _ in range(8):
        if (pair := (rng.choice(voters), title)) not in cast:
            return pair
    voters.append(name("voter", len(voters)))
    return voters[-1], title


def _namer(rng: random.Random, ids: Ids) -> Any:
    short = {"title": "mv{:04d}", "voter": "v-{:06d}", "ballot": "b-{:07d}"}

    def name(kind: str, index: int) -> str:
        return short[kind].format(index) if ids == "short" else str(UUID(int=rng.getrandbits(128), version=4))

    return name


def requests(drawn: Sequence[Ballot], size: int) -> list[str]:
    """The bodies of requests of `size` ballots each: a bare ballot, or a list of them."""
    if size == 1:
        return [json.dumps(ballot) for ballot in drawn]
    return [json.dumps({"ballots": drawn[start : start + size]}) for start in range(0, len(drawn), size)]


def expected(drawn: Iterable[Ballot]) -> Tallies:
    """What a count that makes no mistake arrives at: a direct count, in the tallies' form."""
    direct = DirectCount()
    for ballot in drawn:
        direct.add(ballot, ballot["ballot_id"], ballot["cast_at"])
    return {title: _flat(direct.tally(title)) for title in direct.titles()}


def _flat(tally: Tally) -> dict[str, int]:
    counts: dict[str, int] = {}
    for aspect, histogram in tally.items():
        counts |= {f"{aspect}#{score}": votes for score, votes in histogram.items()}
    return counts


def miscounts(counted: Tallies, right: Tallies) -> int:
    """By how many votes the counters are wrong, too many and too few together."""
    wrong = 0
    for title in counted.keys() | right.keys():
        is_, ought = counted.get(title, {}), right.get(title, {})
        wrong += sum(abs(is_.get(name, 0) - ought.get(name, 0)) for name in is_.keys() | ought.keys())
    return wrong
