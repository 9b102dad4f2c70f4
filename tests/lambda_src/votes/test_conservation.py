"""conservation: what was accepted and not settled is named, whatever else is green; and what could
not be read is never "all is well".
"""

from __future__ import annotations

from typing import Any

import pytest

from shared import clock, conservation, conserved
from shared.conservation import MOST_NAMED, SETTLED_EARLIER_MS
from shared.conserved import NotAllRead, Witnesses
from tests.lambda_src.fakes import refusal
from tests.lambda_src.stack import Context, Json, Stack, metrics, stamped
from tests.lambda_src.votes.conserving import (
    ACCEPTED_MS,
    KEY,
    LATENCY_MS,
    LOOK_BACK_MS,
    NOW_MS,
    PROCESS,
    RECEIVE,
    Logs,
    Rig,
)
from tests.support.witnessing import witnessing


@pytest.fixture
def rig(stack: Stack) -> Rig:
    return Rig(stack)


def test_all_is_well(rig: Rig) -> None:
    rig.accept("a", "b")
    rig.accept("c", "d")
    rig.settle("a")
    rig.settle("b", outcome="superseded")
    rig.settle("c", outcome="quarantined", group=PROCESS)
    rig.settle("d", outcome="quarantined")
    answer, said, errors = rig.look()
    assert said == {"MappingsOff": 0, "WitnessesAccepted": 4, "WitnessesMissing": 0, "WitnessesOneIn": 1}
    assert (answer["missing"], answer["hashes"], answer["mappings_off"], errors) == (0, [], [], [])


def test_what_is_missing_is_named_and_since_when(rig: Rig) -> None:
    rig.accept("a", "lost")
    rig.accept("older", at_ms=ACCEPTED_MS - 30_000)
    rig.settle("a")
    answer, said, (error,) = rig.look()
    assert said["WitnessesMissing"] == answer["missing"] == error["missing"] == 2
    assert answer["hashes"] == error["hashes"] == ["older", "lost"]
    assert error["oldest_accepted_at"] == "2026-11-21T07:58:30.000000Z"
    assert error["message"] == "witnesses missing"


def test_what_has_time_left_is_not_missing(rig: Rig) -> None:
    rig.accept("just-in-time", at_ms=NOW_MS - LATENCY_MS)
    rig.accept("late", at_ms=NOW_MS - LATENCY_MS - 1)
    answer, said, _ = rig.look()
    assert said["WitnessesAccepted"] == 2
    assert answer["hashes"] == ["late"]


def test_duplicates_and_clocks_change_nothing(rig: Rig) -> None:
    start = NOW_MS - LATENCY_MS - LOOK_BACK_MS
    rig.accept("repeated", at_ms=start + 1)
    rig.accept("repeated", "repeated", at_ms=NOW_MS - 20_000)
    rig.settle("repeated", at_ms=start - SETTLED_EARLIER_MS + 1)  # five minutes of deduplication, five of clocks
    rig.accept("clocks-apart")
    rig.settle("clocks-apart", at_ms=ACCEPTED_MS - 290_000)
    rig.settle("accepted-before-we-look")
    assert rig.look()[1] == {"MappingsOff": 0, "WitnessesAccepted": 2, "WitnessesMissing": 0, "WitnessesOneIn": 1}


def test_a_repeat_is_late_since_the_first(rig: Rig) -> None:
    rig.accept("waits", at_ms=ACCEPTED_MS)
    rig.accept("waits", "waits-too", at_ms=NOW_MS - 1000)
    rig.accept("waits-too", at_ms=ACCEPTED_MS)
    assert rig.look()[0]["hashes"] == ["waits", "waits-too"]


def test_what_was_accepted_long_ago_is_not_looked_at(rig: Rig) -> None:
    rig.accept("long-ago", at_ms=NOW_MS - LATENCY_MS - LOOK_BACK_MS - 1)
    rig.accept("not-so-long", at_ms=NOW_MS - LATENCY_MS - LOOK_BACK_MS)
    assert rig.look()[0]["hashes"] == ["not-so-long"]


@pytest.mark.parametrize(
    "logs", [Logs(page=3), Logs(page=conserved.EVENTS_A_PAGE, tokens=False)], ids=["tokens", "full pages without"]
)
def test_every_page_is_read(rig: Rig, logs: Logs) -> None:
    rig.use(logs)
    many = 25 if logs._page == 3 else conserved.EVENTS_A_PAGE + 5
    for number in range(many):
        rig.accept(f"h{number}", at_ms=ACCEPTED_MS + number % 7)
    for number in range(many):
        if number != 17:
            rig.settle(f"h{number}", at_ms=ACCEPTED_MS + number % 7)
    answer, said, _ = rig.look()
    assert (said["WitnessesAccepted"], answer["hashes"]) == (many, ["h17"])
    assert set(rig.stack.sleeps) == {1 / conserved.PAGES_A_SECOND}, (
        "between pages, because the account's other readers have a right to theirs"
    )


def test_too_many_to_read_is_never_all_is_well(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(0, 10_000, 4))
    monkeypatch.setattr(clock, "monotonic", lambda: float(next(times)))
    rig.use(Logs(page=1))
    for number in range(100):
        rig.accept(f"h{number}")
        rig.settle(f"h{number}")
    with pytest.raises(NotAllRead, match="receive holds more witness lines"):
        conservation.handle({}, Context())
    lines = rig.stack.logged()
    assert metrics(lines) == {"MappingsOff": 0}
    (error,) = [line for line in lines if line.get("level") == "ERROR"]
    assert (error["place"], error["kind"]) == ("conservation", "NotAllRead")


def test_logs_that_cannot_be_read_are_never_all_is_well(rig: Rig) -> None:
    rig.logs.error = refusal("FilterLogEvents", "ThrottlingException")
    with pytest.raises(Exception, match="ThrottlingException"):
        conservation.handle({}, Context())
    lines = rig.stack.logged()
    assert "WitnessesMissing" not in metrics(lines)
    assert [line["kind"] for line in lines if line.get("level") == "ERROR"] == ["ThrottlingException"]


def test_mappings_that_are_off_or_gone_are_named(rig: Rig) -> None:
    rig.mappings.states["u-process"] = "Disabled"
    del rig.mappings.states["u-tally"]
    answer, said, (error,) = rig.look()
    assert said == {"MappingsOff": 2, "WitnessesAccepted": 0, "WitnessesMissing": 0, "WitnessesOneIn": 1}
    assert error["mappings"] == answer["mappings_off"] == ["process", "tally"]


@pytest.mark.parametrize(
    ("state", "off"), [("Creating", 0), ("Enabling", 0), ("Disabling", 1), ("Disabled", 1), ("Deleting", 1)]
)
def test_states_of_a_mapping(rig: Rig, state: str, off: int) -> None:
    rig.mappings.states["u-write"] = state
    assert rig.look()[1]["MappingsOff"] == off


def test_a_mapping_that_cannot_be_looked_at_is_an_error(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> Json:
        raise refusal("GetEventSourceMapping", "AccessDeniedException")

    monkeypatch.setattr(rig.mappings, "get_event_source_mapping", refused)
    with pytest.raises(Exception, match="AccessDenied"):
        conservation.handle({}, Context())
    assert metrics(rig.stack.logged()) == {}


def test_a_line_names_no_more_than_people_read(rig: Rig) -> None:
    rig.accept(*(f"h{number}" for number in range(MOST_NAMED + 10)))
    _, said, (error,) = rig.look()
    assert said["WitnessesMissing"] == error["missing"] == MOST_NAMED + 10
    assert len(error["hashes"]) == MOST_NAMED


def test_too_many_to_keep_are_looked_at_in_part_and_it_says_so(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conserved, "MOST_KEPT", 100)
    rig.accept(*(f"h{number}" for number in range(110)))
    answer, said, _ = rig.look()
    assert said["WitnessesOneIn"] == answer["one_in"] == 2
    assert 30 < said["WitnessesMissing"] == said["WitnessesAccepted"] < 80


def test_other_lines_say_nothing(rig: Rig) -> None:
    for line in (
        'START witness RequestId: {"',
        "[1]",
        '"witness"',
        {"message": "witness"},
        {"witness": "seen", "hashes": ["x"]},
    ):
        rig.logs.say(RECEIVE, ACCEPTED_MS, line)
    rig.logs.say(
        RECEIVE,
        ACCEPTED_MS,
        '2026-11-21T07:59:00Z\tid\t{"witness": "accepted", "outcome": "accepted", "key": "k", "hashes": ["a"]}',
    )
    assert rig.look()[0]["hashes"] == ["a"]


def test_the_lines_are_those_that_the_functions_write(rig: Rig) -> None:
    """A good ballot and one that breaks a rule, over receive and process: what process did not
    settle is missing, until write does.
    """
    rig.stack.setenv(UNLISTED_TITLES="quarantine")
    rig.stack.list_title("the-wire")
    rig.stack.post({"ballots": [stamped(ballot_id="good"), stamped(ballot_id="unlisted", title_id="nobody-knows")]})
    for line in rig.stack.logged():
        rig.logs.say(RECEIVE, ACCEPTED_MS, line)
    rig.stack.process(rig.stack.take("ingest"))
    for line in rig.stack.logged():
        rig.logs.say(PROCESS, ACCEPTED_MS, line)
    answer, said, _ = rig.look()
    assert said["WitnessesAccepted"] == 2
    assert answer["hashes"] == witnessing().hashes(["good"])
    rig.settle(*answer["hashes"])
    assert rig.look()[0]["missing"] == 0


def test_the_comparison_alone_needs_no_cloud() -> None:
    seen = Witnesses()
    lines = [("accepted", "accepted", ["a", "b"]), ("settled", "counted", ["b"]), ("accepted", "accepted", ["c"])]
    for at, (stage, outcome, hashes) in enumerate(lines):
        seen.add({"witness": stage, "outcome": outcome, "key": KEY, "hashes": hashes}, at)
    assert seen.missing == {"a", "c"}
    assert seen.late(2) == {"a": 0}
