"""Ballots for tests, and what must come of them, by a fold that has nothing in common with the
pipeline's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from random import Random
from typing import Any

from votes.ballot import Ballot
from votes.shards import shard_of

START_US = 1_795_000_000_000_000

Expected = tuple[dict[tuple[str, str], dict[str, tuple[int | None, int, str]]], dict[str, dict[str, int]]]

# One message of three ballots, which change, add and withdraw something; and what their voter had
# cast before.
VOTER = next(f"v{n}" for n in range(9) if shard_of(f"v{n}", 2) == 1)
EARLIER = [Ballot(VOTER, "t0", {"story": 1, "music": 2}, "a", START_US)]
THREE = [
    Ballot(VOTER, "t0", {"story": 3}, "b", START_US + 1),
    Ballot(VOTER, "t1", {"story": 2}, "c", START_US + 1),
    Ballot(VOTER, "t2", {"story": None}, "d", START_US + 1),
]


def ballots_of(rng: Random, number: int = 24, voters: int = 4, titles: int = 3) -> list[Ballot]:
    """Ballots of few voters on few titles, so that they often meet; stamps differ, some only by
    their ids.
    """
    return [
        Ballot(
            f"v{rng.randrange(voters)}",
            f"t{rng.randrange(titles)}",
            {
                aspect: rng.choice((None, 1, 2, 3))
                for aspect in rng.choice((("story",), ("music",), ("story", "music")))
            },
            f"b{place:03}",
            START_US + place // 2,
        )
        for place in range(number)
    ]


def expected(ballots: Iterable[Ballot]) -> Expected:
    """What must stand and be counted in the end: ballots in order of their stamps, aspect by
    aspect. Shares nothing with the pipeline.
    """
    standing: dict[tuple[str, str], dict[str, tuple[int | None, int, str]]] = defaultdict(dict)
    for ballot in sorted(ballots, key=lambda ballot: (ballot.cast_at, ballot.ballot_id)):
        for aspect, score in ballot.votes.items():
            standing[ballot.voter_id, ballot.title_id][aspect] = (score, ballot.cast_at, ballot.ballot_id)
    tallies: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, title_id), held in standing.items():
        tallies[title_id].update(f"{aspect}#{score}" for aspect, (score, _, _) in held.items() if score is not None)
        tallies[title_id]["voters"] += any(score is not None for score, _, _ in held.values())
    return dict(standing), nonzero(tallies)


def nonzero(tallies: Any) -> dict[str, dict[str, int]]:
    """Tallies without zeros and without empty titles."""
    kept = {title: {name: n for name, n in row.items() if n} for title, row in tallies.items()}
    return {title: row for title, row in kept.items() if row}
