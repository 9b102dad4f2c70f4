"""How far the counting is: what the journal holds, and how much of it is folded into the tallies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from operations.place import Place
from votes.journal import GENERATION_BITS


@dataclass(frozen=True)
class Progress:
    """Entries by shard: the last one whose votes are put, and the last one folded in a closed epoch."""

    heads: dict[int, int]
    folded: dict[int, int]
    epoch: int
    open: bool
    as_of: int | None  # microseconds since 1970

    @property
    def behind(self) -> int:
        """Entries that no closed epoch holds yet."""
        return sum(max(0, head - self.folded.get(shard, 0)) for shard, head in self.heads.items())

    @property
    def entries(self) -> int:
        return sum(head & ((1 << GENERATION_BITS) - 1) for head in self.heads.values())


def progress(place: Place, dynamodb: Any) -> Progress:
    """Read the head of every shard and the fold row."""
    tables, shards = place.outputs["tables"], int(place.outputs["settings"]["shards"])
    heads = {}
    for shard in range(shards):
        row = dynamodb.get_item(TableName=tables["journal"], Key={"shard": {"N": str(shard)}, "n": {"N": "0"}}, ConsistentRead=True).get(
            "Item"
        )
        heads[shard] = int(row["done"]["N"]) if row else 0
    fold = dynamodb.get_item(TableName=tables["tallies"], Key={"title_id": {"S": "#fold"}}, ConsistentRead=True).get("Item", {})
    folded = {int(shard): int(number["N"]) for shard, number in fold.get("upto", {}).get("M", {}).items()}
    as_of = int(fold["as_of"]["N"]) if "as_of" in fold else None
    return Progress(heads, folded, int(fold.get("epoch", {}).get("N", 0)), "open" in fold, as_of)
