"""Random histories: several writers and tallyers, crashes, lost answers, sleepers, duplicates, dead letters, quiet months."""

import os

import pytest

from tests.support.voting_world import Odds, history
from votes import entry

HISTORIES = int(os.environ.get("HISTORIES", "80"))
FIRST = int(os.environ.get("FIRST_SEED", "0"))

MANY_SLEEPERS = Odds(crash=0.002, fault=0.002, sleep=0.05, longest_sleep=1500)
MANY_CRASHES = Odds(crash=0.05, fault=0.03, sleep=0.0)


@pytest.mark.parametrize("odds", [Odds(), MANY_SLEEPERS, MANY_CRASHES], ids=["mixed", "sleepers", "crashes"])
def test_random_histories_count_right(odds: Odds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "MOST_CHANGES", 3)  # so that entries are split
    fired = sum((history(seed, odds=odds).fired for seed in range(FIRST, FIRST + HISTORIES)), start=history(FIRST, odds=odds).fired)
    assert fired.total() > 2 * HISTORIES


def test_the_same_seed_is_the_same_history() -> None:
    traces: list[list[str]] = [[], []]
    for trace in traces:
        history(7, trace=trace)
    assert traces[0] == traces[1]
    assert len(traces[0]) > 100
