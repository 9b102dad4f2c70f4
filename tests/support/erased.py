"""What tests of erasing a voter share: the voter among others, the command's runs, and what is
left, which must be nothing.
"""

from typing import Any

from tests.support.counted import ASPECTS, SHARDS, Counted
from tools.simulation.votes.ballots import expected
from votes import entry
from votes.counting import Counting
from votes.erasure import Erasure
from votes.shards import shard_of

VOTER = "v1"
SHARD = shard_of(VOTER, SHARDS)
ANOTHER = next(f"v{n}" for n in range(2, 9) if shard_of(f"v{n}", SHARDS) == SHARD)


def voted() -> Counted:
    """Voters, the one to erase among them, on a few titles; part of it folded."""
    counted = Counted()
    counted.count(counted.some(20))
    counted.count(counted.ballot(VOTER, title, story=2, music=1) for title in ("t0", "own"))
    counted.fold()
    counted.count(counted.some(6))
    # in one entry
    together = [counted.ballot(VOTER, "t0", story=3), counted.ballot(ANOTHER, "t0", story=1)]
    counted.cast += together
    Counting(counted.journal, SHARDS, counted.now_us).count(SHARD, together)
    return counted


def erasure_of(counted: Counted) -> Erasure:
    return Erasure(counted.journal, SHARDS, ASPECTS, VOTER, counted.now_us)


def erase(counted: Counted) -> int:
    """One run of the command, without queues and quarantine; how much it found."""
    erasure = erasure_of(counted)
    found = erasure.withdraw() + erasure.remove(counted.upto(SHARD))
    counted.fold()
    return found + erasure.overwrite(counted.upto(SHARD))


def traces(counted: Counted) -> list[dict[str, Any]]:
    """Items with anything of the voter in them."""
    rows = [item for item in counted.items("votes") if item["voter_id"]["S"] == VOTER]
    for item in counted.items("journal"):
        if "entry" in item:
            content = entry.decode(item["entry"]["B"])
            if VOTER in {change.voter_id for change in content.changes} | {key[0] for key in content.removed}:
                rows.append(item)
    return rows


def of_others(counted: Counted) -> Any:
    return expected(ballot for ballot in counted.cast if ballot.voter_id != VOTER)


def is_right(counted: Counted) -> bool:
    counted.fold()
    assert counted.audit().differences == []
    return True


def is_erased(counted: Counted) -> bool:
    """Whether nothing is left of the voter, and all is as if there had never been one."""
    assert is_right(counted)
    assert traces(counted) == []
    standing, tallies = of_others(counted)
    assert counted.tallied() == tallies
    assert {(item["voter_id"]["S"], item["title_id"]["S"]) for item in counted.votes()} == standing.keys()
    return True
