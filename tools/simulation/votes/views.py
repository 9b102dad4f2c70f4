"""What results may show of a history at each of its times: what was so up to the bounds of a view,
of an epoch that is open, or of the last one that was closed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Key = tuple[str, str]
Tallies = Mapping[str, Mapping[str, int]]

KEPT_US = 1_000_000  # a worker of results remembers the view for a second


class Entry(NamedTuple):
    """What a journal entry says of votes, as it found them (scores) and as it leaves them; what a
    repair adds to tallies.
    """

    before: dict[Key, dict[str, int]]
    after: dict[Key, Any]
    added: Mapping[str, Mapping[str, int]]


@dataclass
class Showable:
    """Tallies that were right to show in this time (µs; None: still)."""

    tallies: dict[str, dict[str, int]]
    since: int
    until: int | None = None


class Views:
    """The view as it must be, and what may be shown.

    `seen` and `sums` are of the view since the last closed epoch.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self.seen: dict[int, int] = {}
        self.sums: dict[str, Counter[str]] = defaultdict(Counter)
        self._showable = [Showable({}, 0)]
        self.shown = 0

    def look(self, seen: Mapping[int, int], tallies: Tallies) -> None:
        """A view was put, with `sums`, beside these tallies."""
        self.seen = dict(seen)
        both = {title: Counter(counts) for title, counts in tallies.items()}
        for title, counts in self.sums.items():
            both.setdefault(title, Counter()).update(counts)
        self._only(both)

    def fix(self, tallies: Tallies) -> None:
        """A range was fixed: from now on titles show it, one after the other."""
        self._showable.append(Showable(_plain(tallies), self._now()))

    def close(self, tallies: Tallies) -> None:
        """The epoch is closed: all titles show it."""
        self.seen, self.sums = {}, defaultdict(Counter)
        self._only(tallies)

    def _only(self, tallies: Tallies) -> None:
        for one in self._showable:
            one.until = self._now() if one.until is None else one.until
        self._showable.append(Showable(_plain(tallies), self._now()))

    def wrong(self, title_id: str, said: Mapping[str, int], began: int) -> str | None:
        """What is wrong with an answer of results to who asked then; None is nothing."""
        self.shown += 1
        could = [
            one.tallies.get(title_id, {}) for one in self._showable if one.until is None or one.until >= began - KEPT_US
        ]
        if said in could:
            return None
        ever = any(said == one.tallies.get(title_id, {}) for one in self._showable)
        return f"results say {dict(said)} of {title_id}, {'as was so once' if ever else 'never so'}; right was {could}"


def _plain(tallies: Tallies) -> dict[str, dict[str, int]]:
    """As results show them: nothing below zero, no zeros."""
    return {title: {name: n for name, n in counts.items() if n > 0} for title, counts in tallies.items()}


def bounds_of(value: Any) -> dict[int, int]:
    """The number of an entry by shard."""
    return {int(shard): int(n["N"]) for shard, n in value["M"].items()}


def add_entry(tallies: dict[str, Counter[str]], entry: Entry) -> None:
    """Add what an entry says."""
    for key, after in entry.after.items():
        scores = {aspect: held.score for aspect, held in after.items() if held.score is not None}
        for counted, sign in ((entry.before[key], -1), (scores, 1)):
            for aspect, score in counted.items():
                tallies[key[1]][f"{aspect}#{score}"] += sign
            tallies[key[1]]["voters"] += sign * bool(counted)
    for title, delta in entry.added.items():
        tallies[title].update(delta)


def difference(found: Any, expected: Any) -> str:
    titles = sorted(
        title for title in found.keys() | expected.keys() if dict(found.get(title, {})) != dict(expected.get(title, {}))
    )
    return "; ".join(
        f"{title}: {dict(found.get(title, {}))} where {dict(expected.get(title, {}))} is right" for title in titles
    )
