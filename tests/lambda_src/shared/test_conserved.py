"""What lines of witnesses say: bounded, and silent about what another key may have settled."""

import random
import tracemalloc

import pytest

from shared import clock, conserved
from shared.conserved import HANDOVER_MS, Witnesses

NAMES = [f"{random.Random(7).getrandbits(64) ^ number:016x}" for number in range(4_000)]


def line(stage: str, *hashes: str, key: str = "k") -> dict[str, object]:
    said: dict[str, object] = {"witness": stage, "outcome": "counted", "hashes": hashes}
    return said | ({"key": key} if key else {})


def test_beyond_its_bound_it_looks_at_the_same_part_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conserved, "MOST_KEPT", 1_000)
    for shuffled in (NAMES, NAMES[::-1]):
        seen = Witnesses()
        for one in shuffled:
            seen.add(line("accepted", one), 1)
            assert len(seen.accepted) <= 1_000
        lost = set(NAMES[::50])
        for one in shuffled:
            if one not in lost:
                seen.add(line("settled", one), 2)
        assert seen.one_in == 8
        assert len(seen.accepted) + len(seen.settled["counted"]) <= 1_000
        assert seen.missing <= lost
        assert 2 <= len(seen.missing) <= 30, "about an eighth of 80"


def test_all_that_it_keeps_fits_a_function_of_256_megabytes() -> None:
    tracemalloc.start()
    try:
        seen = Witnesses()
        for start in range(0, 2 * conserved.MOST_KEPT, 1_000):
            seen.add(
                line("accepted", *(f"{number * 2654435761 % 2**64:016x}" for number in range(start, start + 1_000))), 1
            )
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen.one_in > 1
    assert most < 80 * 2**20


def test_a_token_never_goes_with_another_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the last of several pages may be full and have none."""
    monkeypatch.setattr(conserved, "EVENTS_A_PAGE", 2)
    monkeypatch.setattr(clock, "sleep", lambda seconds: None)
    asked: list[dict[str, object]] = []

    class Logs:
        def filter_log_events(self, **params: object) -> dict[str, object]:
            asked.append(params)
            events = [{"timestamp": 10 * len(asked) + n, "message": "{}"} for n in range(2)]
            more: list[dict[str, object]] = [{"nextToken": "second"}, {}, {"nextToken": "fourth"}]
            return {"events": events, **more[len(asked) - 1]} if len(asked) < 4 else {"events": []}

    conserved.read(Logs(), "group", Witnesses(), since_ms=5, until=float("inf"))
    told = [(one["startTime"], one.get("nextToken")) for one in asked]
    assert told == [(5, None), (5, "second"), (21, None), (21, "fourth")]


def test_a_line_without_a_key_is_a_clients_choice_and_not_looked_at() -> None:
    seen = Witnesses()
    seen.add(line("accepted", "a", key=""), 1)
    assert (seen.accepted, seen.missing) == ({}, set())


@pytest.mark.parametrize("other", ["", "another"])
def test_what_another_key_may_have_settled_is_not_judged(other: str) -> None:
    """As in an upgrade, or when tables were made anew: the same ballot has another name there."""
    seen = Witnesses()
    seen.add(line("accepted", "before", "settled"), 10)
    seen.add(line("settled", "settled"), 15)
    assert seen.missing == {"before"}
    seen.add(line("settled", "some-other", key=other), 20)
    seen.add(line("accepted", "meanwhile"), 20 + HANDOVER_MS)
    assert (seen.missing, seen.not_judged) == (set(), 3)
    seen.add(line("accepted", "lost", "settled-too"), 21 + HANDOVER_MS)
    seen.add(line("settled", "settled-too"), 22 + HANDOVER_MS)
    assert (seen.missing, seen.not_judged) == ({"lost"}, 3)
    assert seen.late(float("inf")) == {"lost": 21 + HANDOVER_MS}


@pytest.mark.parametrize("stage", ["accepted", "settled"])
@pytest.mark.parametrize("hashes", [None, "aa", 5, [["aa"]], [None], {"aa": 1}])
def test_a_line_that_is_no_witnesses_keeps_no_other_from_being_looked_at(stage: str, hashes: object) -> None:
    seen = Witnesses()
    seen.add({"witness": stage, "key": "k", "outcome": ["x"], "hashes": hashes}, 1)
    seen.add({"witness": stage, "key": "k"}, 1)
    assert seen.kept == 0
    seen.add({"witness": "settled", "key": "k", "outcome": ["x"], "hashes": ["aa"]}, 1)
    assert seen.kept == 1
