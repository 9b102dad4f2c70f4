"""The range of an epoch: which journal entries it takes in, and what they add up to."""

from dataclasses import dataclass, field

from votes import standing
from votes.entry import Content
from votes.standing import Delta
from votes.tallies import Bounds
from votes.view import View


@dataclass(slots=True)
class Room:
    """What an epoch may still take in: changes, titles, and time to read in (a time, µs)."""

    changes: int
    titles: int
    until_us: int


@dataclass(slots=True)
class Range:
    """Entries read, as the range of an epoch: its ends, its sums by title, and what was left.

    `waiting` is when the oldest entry left of a shard was appended (µs), as far as is known.
    """

    ends: Bounds = field(default_factory=dict)
    sums: dict[str, Delta] = field(default_factory=dict)
    ballots: int = 0
    capped: bool = False
    stopped: dict[int, str] = field(default_factory=dict)
    waiting: dict[int, int] = field(default_factory=dict)

    @classmethod
    def after(cls, view: View | None) -> "Range":
        """An empty one; its sums go on from those of the view."""
        if view is None:
            return cls()
        return cls(
            sums={title: dict(delta) for title, delta in view.sums.items()}, ballots=view.ballots
        )

    def take(self, shard: int, n: int, content: Content) -> None:
        """Take in entry n of the shard."""
        for change in content.changes:
            standing.add_delta(self.sums.setdefault(change.title_id, {}), change)
        for title_id, added in content.added.items():
            delta = self.sums.setdefault(title_id, {})
            for name, number in added.items():
                delta[name] = delta.get(name, 0) + number
        self.ballots += len(content.changes)
        self.ends[shard] = n

    def fits(self, content: Content, room: Room, share: int, now_us: int) -> bool:
        """Whether there is room for this entry.

        For the first one there always is, or nothing would ever move.
        """
        if not self.ends:
            return True
        named = {change.title_id for change in content.changes} | content.added.keys()
        titles = len(self.sums) + sum(title not in self.sums for title in named)
        return (
            self.ballots + len(content.changes) <= share
            and titles <= room.titles
            and now_us < room.until_us
        )
