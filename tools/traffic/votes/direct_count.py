"""The count that the results must equal, made from the ballots sent, by other code than theirs.

The one oracle of demo, bench and tests. Simulated histories have one of their own
(tools/simulation/votes/ballots.py), which shares nothing with this one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Stamp = tuple[int, str]
Tally = dict[str, dict[int, int]]  # aspect → score → standing votes


class DirectCount:
    """Ballots by voter, title and aspect; of each the one with the latest stamp stands."""

    def __init__(self) -> None:
        self._standing: dict[str, dict[str, dict[str, tuple[Stamp, int | None]]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self.ballots: dict[str, set[tuple[str, str, Stamp]]] = defaultdict(set)

    def add(self, ballot: Mapping[str, Any], ballot_id: str, cast_at: str) -> None:
        """Count a ballot with the stamp it was sent with, or the one it was given.

        Adding it again changes nothing.
        """
        stamp = (microseconds(cast_at), ballot_id)
        title, voter = ballot["title_id"], ballot["voter_id"]
        self.ballots[title].add((voter, title, stamp))
        standing = self._standing[title][voter]
        for aspect, score in ballot["votes"].items():
            if aspect not in standing or standing[aspect][0] < stamp:
                standing[aspect] = (stamp, score)

    def voters(self, title: str) -> int:
        """Voters of whom at least one score stands."""
        return sum(map(_stands, self._standing.get(title, {}).values()))

    def tally(self, title: str) -> Tally:
        """How many standing votes each aspect has at each score; nothing is listed that is zero."""
        found: Tally = {}
        for votes in self._standing.get(title, {}).values():
            for aspect, (_, score) in votes.items():
                if score is not None:
                    histogram = found.setdefault(aspect, {})
                    histogram[score] = histogram.get(score, 0) + 1
        return found

    def titles(self) -> list[str]:
        """All that had a ballot."""
        return sorted(self._standing)


def _stands(votes: Mapping[str, tuple[Stamp, int | None]]) -> bool:
    """Whether at least one of a voter's scores does."""
    return any(score is not None for _, score in votes.values())


def microseconds(cast_at: str) -> int:
    """Microseconds since 1970 of an RFC 3339 time."""
    since = datetime.fromisoformat(cast_at) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def differences(counted: DirectCount, title: str, results: Mapping[str, Any] | None) -> list[str]:
    """What the results of a title say that a direct count does not, in words.

    `results` is None when the API does not know the title.
    """
    if results is None:
        unknown = f"{title}: {counted.voters(title)} voters counted, but the API does not know the title"
        return [unknown] if counted.voters(title) else []
    wrong = []
    if results["voters"] != counted.voters(title):
        wrong.append(f"{title}: {results['voters']} voters, a direct count gives {counted.voters(title)}")
    expected = counted.tally(title)
    for aspect in sorted({*expected, *results["aspects"]}):
        result = results["aspects"].get(aspect, {"votes": 0, "histogram": {}, "mean": None})
        histogram = {int(score): votes for score, votes in result["histogram"].items() if votes}
        want = expected.get(aspect, {})
        if histogram != want or result["votes"] != sum(want.values()):
            wrong.append(f"{title} {aspect}: {result['votes']} votes {histogram}, a direct count gives {want}")
        elif want and abs(result["mean"] - _mean(want)) > 0.0001:
            wrong.append(f"{title} {aspect}: mean {result['mean']} does not follow from {want}")
    return wrong


def _mean(histogram: Mapping[int, int]) -> float:
    return sum(score * votes for score, votes in histogram.items()) / sum(histogram.values())
