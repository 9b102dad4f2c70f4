"""How far the counting is: what the journal holds, and how much of it results show."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from shared.versions import NewerVersion
from tools.common.errors import CommandError
from tools.operations.deployment import Deployment
from votes.entry import UnreadableEntry
from votes.journal import LAST_OF_GENERATION, Journal
from votes.last_entry import last_past
from votes.tallies import Tallies


@dataclass(frozen=True)
class Progress:
    """Entries by shard: the last one there is, and the last one that results show.

    A closed epoch holds it, or the view past that.
    """

    last: dict[int, int]
    folded: dict[int, int]
    epoch: int
    open: bool
    as_of: int  # microseconds since 1970; 0 before the first epoch

    @property
    def behind(self) -> int:
        """Entries that results do not show yet."""
        return sum(max(0, last - self.folded.get(shard, 0)) for shard, last in self.last.items())

    @property
    def entries(self) -> int:
        """Entries that were ever appended."""
        return sum(last & LAST_OF_GENERATION for last in self.last.values())


def progress(deployment: Deployment, dynamodb: Any) -> Progress:
    """Read where the journal of every shard ends, and the fold row.

    Where an entry cannot be read, what is said is what its head row says. Raises CommandError for
    rows that a later release wrote.
    """
    tables = deployment.outputs["tables"]
    journal = Journal(dynamodb, tables["journal"], tables["votes"])
    ends: dict[int, int] = {}
    try:
        for shard in range(int(deployment.outputs["settings"]["shards"])):
            head = journal.head(shard)
            ends[shard] = head.done if head else 0
            with suppress(UnreadableEntry):
                last = last_past(journal, shard, ends[shard])
                ends[shard] = last.n if last else ends[shard]
        fold = Tallies(dynamodb, tables["tallies"]).fold()
    except NewerVersion as error:
        raise CommandError(f"how far the counting is cannot be said: {error}") from error
    if fold is None:
        return Progress(ends, {}, 0, False, 0)
    return Progress(ends, fold.seen, fold.epoch, fold.open is not None, fold.shown_at)


def oldest_behind(deployment: Deployment, dynamodb: Any, done: Progress) -> float | None:
    """When the oldest entry was appended that results do not show (s since 1970); None of none.

    Of a shard whose next entry cannot be read, nothing is known.
    """
    tables = deployment.outputs["tables"]
    journal = Journal(dynamodb, tables["journal"], tables["votes"])
    found = []
    for shard, last in done.last.items():
        if last > (folded := done.folded.get(shard, 0)):
            try:
                entry = journal.entry(shard, folded + 1)
            except (UnreadableEntry, NewerVersion):
                continue
            found += [entry.appended_at / 1e6] if entry else []
    return min(found, default=None)
