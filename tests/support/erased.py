"""What tests of erasing a voter share: him among others who voted, the command's runs, and what must be left of him: nothing."""

from typing import Any

from tests.support.ballots import expected
from tests.support.counted import ASPECTS, SHARDS, Counted
from votes import entry
from votes.counting import Counting
from votes.erasure import Erasure
from votes.shards import shard_of

HIM = "v1"
SHARD = shard_of(HIM, SHARDS)
ANOTHER = next(f"v{n}" for n in range(2, 9) if shard_of(f"v{n}", SHARDS) == SHARD)


def voted() -> Counted:
    """Voters, him among them, on a few titles; part of it folded."""
    counted = Counted()
    counted.count(counted.some(20))
    counted.count(counted.ballot(HIM, title, story=2, music=1) for title in ("t0", "his"))
    counted.fold()
    counted.count(counted.some(6))
    together = [counted.ballot(HIM, "t0", story=3), counted.ballot(ANOTHER, "t0", story=1)]  # in one entry
    counted.cast += together
    Counting(counted.journal, SHARDS, counted.now_us).count(SHARD, together)
    return counted


def erasure_of(counted: Counted) -> Erasure:
    return Erasure(counted.journal, SHARDS, ASPECTS, HIM, counted.now_us)


def erase(counted: Counted) -> int:
    """One run of the command, without queues and quarantine; how much it found."""
    erasure = erasure_of(counted)
    found = erasure.withdraw() + erasure.remove(counted.upto(SHARD))
    counted.fold()
    return found + erasure.overwrite(counted.upto(SHARD))


def traces(counted: Counted) -> list[dict[str, Any]]:
    """Items with anything of him in them."""
    rows = [item for item in counted.items("votes") if item["voter_id"]["S"] == HIM]
    for item in counted.items("journal"):
        if "entry" in item:
            content = entry.decode(item["entry"]["B"])
            if HIM in {change.voter_id for change in content.changes} | {key[0] for key in content.removed}:
                rows.append(item)
    return rows


def of_others(counted: Counted) -> Any:
    return expected(ballot for ballot in counted.cast if ballot.voter_id != HIM)


def is_right(counted: Counted) -> bool:
    counted.fold()
    assert counted.audit().differences == []
    return True


def is_erased(counted: Counted) -> bool:
    """Whether nothing is left of him, and all is as if he had never been there."""
    assert is_right(counted)
    assert traces(counted) == []
    standing, tallies = of_others(counted)
    assert counted.tallied() == tallies
    assert {(item["voter_id"]["S"], item["title_id"]["S"]) for item in counted.items("votes")} == standing.keys()
    return True
