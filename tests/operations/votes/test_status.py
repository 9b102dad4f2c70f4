"""`make status`: the lines of votes."""

from __future__ import annotations

import pytest

from tests.operations.operated import Operated
from tools.operations.votes import status


def test_a_title_that_only_a_repair_has_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repair adds the counters that were missing, and "voters" need not be among them."""
    operated = Operated(monkeypatch)
    operated.counted.count(operated.counted.some(12, voters=4))
    operated.counted.fold()
    before = list(status.lines(operated.deployment))[-1]
    operated.counted.cloud.dynamodb.tables["tallies"].items[("repaired",)] = {
        "title_id": {"S": "repaired"},
        "story#3": {"N": "1"},
        "epoch": {"N": "1"},
        "v": {"N": "1"},
    }
    after = list(status.lines(operated.deployment))[-1]
    assert int(after.split()[1]) == int(before.split()[1]) + 1
