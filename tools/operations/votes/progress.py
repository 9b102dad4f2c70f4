"""How far the counting is: what the journal holds, and how much of it the tallies have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.versions import NewerVersion
from tools.common.errors import CommandError
from tools.operations.deployment import Deployment
from votes.entry import UnreadableEntry
from votes.journal import GENERATION_BITS, Journal
from votes.tallies import Tallies


@dataclass(frozen=True)
class Progress:
    """Entries by shard: the last one whose votes are put, and the last one in a closed epoch."""

    heads: dict[int, int]
    folded: dict[int, int]
    epoch: int
    open: bool
    as_of: int  # microseconds since 1970; 0 before the first epoch

    @property
    def behind(self) -> int:
        """Entries that no closed epoch holds yet."""
        return sum(max(0, head - self.folded.get(shard, 0)) for shard, head in self.heads.items())

    @property
    def entries(self) -> int:
        """Entries that were ever appended and whose votes are put."""
        return sum(head & ((1 << GENERATION_BITS) - 1) for head in self.heads.values())


def progress(deployment: Deployment, dynamodb: Any) -> Progress:
    """Read the head of every shard and the fold row.

    Raises CommandError for rows that a later release wrote.
    """
    tables = deployment.outputs["tables"]
    journal = Journal(dynamodb, tables["journal"], tables["votes"])
    heads: dict[int, int] = {}
    try:
        for shard in range(int(deployment.outputs["settings"]["shards"])):
            head = journal.head(shard)
            heads[shard] = head.done if head else 0
        fold = Tallies(dynamodb, tables["tallies"]).fold()
    except NewerVersion as error:
        raise CommandError(f"how far the counting is cannot be said: {error}") from error
    if fold is None:
        return Progress(heads, {}, 0, False, 0)
    return Progress(heads, fold.upto, fold.epoch, fold.open is not None, fold.as_of)


def oldest_behind(deployment: Deployment, dynamodb: Any, done: Progress) -> float | None:
    """When the oldest entry was appended that no closed epoch holds (s since 1970); None of none.

    Of a shard whose next entry cannot be read, nothing is known.
    """
    tables = deployment.outputs["tables"]
    journal = Journal(dynamodb, tables["journal"], tables["votes"])
    found = []
    for shard, head in done.heads.items():
        if head > (folded := done.folded.get(shard, 0)):
            try:
                entry = journal.entry(shard, folded + 1)
            except (UnreadableEntry, NewerVersion):
                continue
            found += [entry.appended_at / 1e6] if entry else []
    return min(found, default=None)
