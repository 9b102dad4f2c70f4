"""One message of three ballots, and a fold, with a crash (or a lost answer) at every single call, and at every pair of calls."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.ballots import EARLIER, THREE, expected, found
from tests.support.histories import Crash, Fault
from tests.support.memory_store import MemoryStore
from tests.support.voting_world import Context, World, quiet
from votes.ballot import Ballot

Raised = type[BaseException]


class Rig:
    """A store on which something was counted and folded before, and functions that may break at one call."""

    def __init__(self) -> None:
        self.world = World(0)
        self.store = self.world.store
        self.calls: list[str] = []
        self.store.step = self._note
        self._breaks: dict[int, Raised] = {}
        self.run("write", EARLIER)
        self.run("tally")

    def _note(self, label: str) -> None:
        self.calls.append(label)
        if raised := self._breaks.pop(len(self.calls) - 1, None):
            raise raised(label)

    def run(self, what: str, ballots: list[Ballot] = THREE, breaks: dict[int, Raised] | None = None) -> bool:
        """One invocation in a new worker; whether it did what it should."""
        self.calls, self._breaks = [], dict(breaks or {})
        try:
            if what == "tally":
                self.world._tally().handle({"source": "schedule"}, Context())
                return True
            self.world.waiting.clear()
            self.world.send(1, ballots)
            return not self.world._writer().handle({"Records": self.world.waiting}, Context())["batchItemFailures"]
        except (Crash, Fault):
            return False

    def check(self) -> None:
        """Deliver until it is taken, fold until all is folded: everything must be counted once."""
        for _ in range(2):
            assert self.run("write")
            assert self.run("tally")
        assert found(self.store) == expected(EARLIER + THREE)
        assert self.world.folded()


def length(what: str, before: Callable[[Rig], Any] = lambda _: None) -> int:
    with quiet():
        rig = Rig()
        before(rig)
        assert rig.run(what)
    return len(rig.calls)


@pytest.mark.parametrize("raised", [Crash, Fault])
def test_write_broken_at_every_call_and_delivered_again_broken_at_every_call(raised: Raised) -> None:
    calls = length("write")
    assert calls > 15
    with quiet():
        for first, second in itertools.product(range(calls), range(-1, calls + 4)):
            rig = Rig()
            assert not rig.run("write", breaks={first: raised})
            rig.run("write", breaks={second: raised})
            rig.check()


@pytest.mark.parametrize("raised", [Crash, Fault])
def test_tally_broken_at_every_call_and_woken_again_broken_at_every_call(raised: Raised) -> None:
    calls = length("tally", lambda rig: rig.run("write"))
    assert calls > 15
    with quiet():
        for first, second in itertools.product(range(calls), range(-1, calls + 4)):
            rig = Rig()
            rig.run("write")
            assert not rig.run("tally", breaks={first: raised})
            rig.run("tally", breaks={second: raised})
            rig.check()


def test_write_broken_at_every_call_then_a_fold_broken_at_every_call() -> None:
    writes, folds = length("write"), length("tally", lambda rig: rig.run("write"))
    with quiet():
        for first, second in itertools.product(range(writes), range(folds)):
            rig = Rig()
            rig.run("write", breaks={first: Crash})
            rig.run("tally", breaks={second: Crash})
            rig.check()


def test_the_store_in_memory_breaks_where_it_is_told() -> None:
    store = MemoryStore()
    labels: list[str] = []
    store.step = labels.append
    store.append(0, 1, b"", 1)
    assert labels == ["append before", "append after"]
