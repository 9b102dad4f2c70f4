"""Faults of the live page: each has a fuse, and what was seen of it is told."""

from __future__ import annotations

import threading
import time

import pytest

from tools.live.local.faults import Fault, Faults, Reading
from tools.live.source import NotFound, Refused


class Clock:
    """Seconds, set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Thing:
    """Something that can be broken."""

    def __init__(self, *, mends: bool = True) -> None:
        self.broken = self.mended = 0
        self.is_mended = threading.Event()
        self._mends = mends

    def begin(self, _: float) -> None:
        self.broken += 1

    def end(self) -> None:
        self.mended += 1
        self.is_mended.set()
        if not self._mends:
            raise OSError("cannot be mended")


def fault(thing: Thing, name: str = "break", **more: float) -> Fault:
    return Fault(name, f"{name} it", "orders", "It breaks.", thing.begin, thing.end, **more)


def test_a_fault_ends_by_its_fuse_though_nobody_looks() -> None:
    thing = Thing()
    faults = Faults([fault(thing)])
    faults.start("break", 0.05)
    assert thing.is_mended.wait(2)
    deadline = time.monotonic() + 2
    while faults.plain()[0]["on"] and time.monotonic() < deadline:
        time.sleep(0.005)
    assert (thing.broken, thing.mended, faults.plain()[0]["on"]) == (1, 1, False)


def test_starting_it_again_sets_a_new_fuse() -> None:
    clock, thing = Clock(), Thing()
    faults = Faults([fault(thing)], clock)
    faults.start("break", 100)
    clock.now = 50.0
    faults.start("break", 200)
    assert faults.plain()[0]["left_seconds"] == 200
    faults.heal("break")
    faults.heal("break")
    assert thing.mended == 1, "what is mended is left alone"


def test_what_a_killed_page_left_broken_is_mended_first() -> None:
    thing = Thing()
    faults = Faults([fault(thing)])
    faults.mend()
    assert (thing.broken, thing.mended, faults.plain()[0]["on"]) == (0, 1, False)


def test_all_are_healed_even_if_one_cannot_be() -> None:
    stuck, other = Thing(mends=False), Thing()
    faults = Faults([fault(stuck, "stuck"), fault(other, "other")])
    faults.start("stuck", 100)
    faults.start("other", 100)
    with pytest.raises(OSError, match="cannot be mended"):
        faults.heal_all()
    assert other.mended == 1


@pytest.mark.parametrize("seconds", [0, -1, 301, float("nan")])
def test_a_fuse_has_a_bound(seconds: float) -> None:
    thing = Thing()
    with pytest.raises(Refused):
        Faults([fault(thing)]).start("break", seconds)
    assert thing.broken == 0


def test_what_there_is_not_is_not_broken() -> None:
    with pytest.raises(NotFound):
        Faults([]).start("break")


def test_what_was_seen_is_told_when_it_is_over() -> None:
    clock, thing = Clock(), Thing()
    faults = Faults([fault(thing)], clock)

    def seen(at: float, messages: int, lost: int = 0) -> str:
        clock.now = at
        faults.see({"orders": Reading(messages, lost)})
        return str(faults.plain()[0]["observed"])

    seen(0, 2)
    faults.start("break", 30)
    assert seen(10, 600) == ""
    clock.now = 30
    faults.heal("break")
    assert seen(31, 641) == "grew to 641 messages, not yet as before 31 s after it began; the law held so far"
    assert seen(64, 3) == "grew to 641 messages, as before 64 s after it began; the law held"
    assert seen(90, 900) == "grew to 641 messages, as before 64 s after it began; the law held"


def test_what_was_lost_is_told() -> None:
    clock, thing = Clock(), Thing()
    faults = Faults([fault(thing)], clock)
    faults.start("break", 30)
    faults.heal("break")
    faults.see({"orders": Reading(0, 3)})
    assert faults.plain()[0]["observed"] == "the queues did not grow, as before 0 s after it began; 3 items were lost"
