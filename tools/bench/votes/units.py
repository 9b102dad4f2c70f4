"""What a ballot takes of the tables, where a model reckons instead of running the handlers.

In one place, for `make capacity` and whoever else: units of an append and of a fold, rows, bytes.
`make bench` counts the handlers themselves; tests/bench/votes/test_units.py holds both together.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tools.common.paths import ROOT
from tools.traffic.votes.load import films
from votes.last_entry import HEAD_EVERY, MOST_VERIFIED

# What the plan reckons with too, to compare what comes in with what is drained (drain.tf).
DRAIN: dict[str, Any] = json.loads((ROOT / "terraform/pipelines/votes/drain.json").read_text())
# Bytes of a ballot in a journal entry, counted over the film data with short identifiers
# (docs/votes/performance.md).
ENTRY_BYTES = 17
# vote rows put, and read, a ballot: 5 % second thoughts, 1 % duplicates (make bench)
CHANGED, READ = (float(DRAIN["units_a_ballot"][kind]) for kind in ("write", "read"))
# A title's window, read where a process had not read it within the minute: eventually consistent.
WINDOW_READS, WINDOW_SECONDS = 0.5, 60.0
# Bytes: of a packed vote's row with short identifiers (215 in full); of an entry beside its
# ballots; of an answer and each ballot in it; of the lines of a call at WARN. By test_units.py.
ROW_BYTES, ENTRY_ROW_BYTES = 64, 60
ANSWER_BYTES, ANSWER_BALLOT_BYTES = 202, 73
LOG_BYTES = {"receive": 0, "process": 226, "write": 290, "tally": 516}
HEAD_READS = 2.0  # before an append: the head, and the entries past it
FOLD_WRITES = 2.0  # an epoch is fixed, and closed
FOLD_READS = 1.0


def append_writes(ballots: int) -> float:
    """Write units of the journal for an append of so many ballots, with its share of the head."""
    head = 1.0 if ballots > MOST_VERIFIED else 1 / HEAD_EVERY
    return 1 + ballots * ENTRY_BYTES // 1024 + head


def fold_writes(ballots: int) -> float:
    """Write units of the tallies for a fold of so many ballots: titles' rows, and the fold's."""
    return titles_of(ballots) + FOLD_WRITES


def fold_reads(ballots: int, shards: int) -> float:
    """Read units of the journal for a fold of so many ballots: heads, and entries."""
    return ballots * ENTRY_BYTES / 4096 + 2 * shards


def verify_reads(ballots: int, entries: int, shards: int) -> float:
    """Read units of votes for a fold: the rows of small entries, each its shard's last."""
    an_entry = ballots / max(1, entries)
    return min(entries, shards) * an_entry if an_entry <= MOST_VERIFIED else 0.0


@cache
def shards_of(ballots: int, shards: int) -> int:
    """How many of the shards so many voters are expected to fall in."""
    return max(1, round(shards * (1 - (1 - 1 / shards) ** ballots)))


@cache
def titles_of(ballots: int) -> float:
    """How many titles so many ballots are expected to touch, by the films' real popularity."""
    votes = [film.votes for film in films()]
    total = sum(votes)
    return sum(1 - (1 - n / total) ** ballots for n in votes)
