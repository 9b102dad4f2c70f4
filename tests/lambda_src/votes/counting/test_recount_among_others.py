"""The audit finds no difference while others count and fold between its pages, and break at any of
their calls.
"""

from random import Random
from typing import Any

import pytest

from shared import clock
from tests.support import emulated
from tests.support.counted import Crash
from tests.support.folds import tallied
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.votes.ballots import START_US, ballots_of, expected, nonzero
from votes import recount
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import Folding
from votes.recount import TableSource
from votes.shards import shard_of

SHARDS = 2


class Others:
    """Between two pages of the audit, which are of two rows, they count some ballots or fold; their
    workers die at any call.
    """

    def __init__(self, seed: int, ballots: list[Ballot]) -> None:
        self.rng, self.now, self.died = Random(seed), START_US, 0
        self.ballots = ballots
        self._left = 0  # steps until the one at work dies
        self.cloud = Cloud(lambda: self.now, self.rng, self)
        self.audited = emulated.tables(self.cloud.client("dynamodb", "audit"))
        self.stores = self.audited._replace(client=self.cloud.client("dynamodb", "others")).stores()

    def before(self, call: Call) -> None:
        if call.caller == "audit" and call.operation in {"Scan", "Query"}:
            call.most_items = 2
            if self.rng.random() < 0.2:
                self.work(self.rng.randrange(1, 30))
        self._step()

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        self._step()

    def _step(self) -> None:
        self.now += 1000
        self._left -= 1
        if self._left == 0:
            self.died += 1
            raise Crash

    def work(self, dies_after: int = 0) -> None:
        """Count or fold."""
        self._left = dies_after
        try:
            if self.rng.random() < 0.5:
                self.fold()
            else:
                self.count(self.rng.choices(self.ballots, k=3))
        except Crash:
            pass
        finally:
            self._left = 0

    def fold(self) -> bool:
        """Fold once; whether there was anything to fold."""
        return bool(Folding(self.stores.journal, self.stores.tallies, SHARDS, 5).fold(10**9).epoch)

    def count(self, ballots: list[Ballot]) -> None:
        """Count one by one."""
        for ballot in ballots:
            Counting(self.stores.journal, SHARDS).count(shard_of(ballot.voter_id, SHARDS), [ballot])


@pytest.mark.parametrize("seed", range(20))
def test_no_difference_while_others_work_and_break(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ballots = ballots_of(Random(seed), 60, voters=8)
    others = Others(seed, ballots)
    # an audit that waits lets them finish
    monkeypatch.setattr(clock, "sleep", lambda _: others.work())
    rewound = 0
    for _ in range(12):
        others.work()
        report = recount.audit(TableSource(*others.audited))
        assert report.differences == []
        rewound += report.rewound
    assert others.died
    assert rewound
    others.count(ballots)
    while others.fold():
        pass
    assert recount.audit(TableSource(*others.audited)).differences == []
    assert nonzero(tallied(others.stores)) == expected(ballots)[1]
