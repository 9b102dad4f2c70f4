"""What probe and conservation say in the world is held to what is so: they are called, they see
what is wrong, and a wrong one is found.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tools.simulation.broken import Broken
from tools.simulation.campaign import chunk
from tools.simulation.faults import Faults
from tools.simulation.plan import Event
from tools.simulation.services import LogGroups
from tools.simulation.votes import deployed
from tools.simulation.votes.pipeline import PIPELINE
from tools.simulation.votes.plan import EVENTS, Cast, Plan, Request
from tools.simulation.votes.standins import installed
from tools.simulation.votes.watch import LEAST_ROUNDS, Watch
from tools.simulation.votes.world import World
from votes.probe import LastBallot, Probe
from votes.write import Write

PLAN = Plan(
    2,
    (Request(0, (Cast(0, 0, 3), Cast(1, 1, 2))), Request(9_000, (Cast(0, 0, 4), Cast(2, 1, 2)), stamp=0)),
    watched=True,
)
# write's mapping, for five minutes
OFF = PLAN._replace(events=(Event(EVENTS.index("switch off"), 500, 300_000, 1),))


@pytest.fixture(autouse=True)
def _world() -> Iterator[None]:
    with installed():
        yield


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What the two answer."""
    answers: list[tuple[str, Any]] = []

    def keep(name: str, function: str) -> None:
        method = getattr(Watch, name)

        def kept(self: Watch, answer: Any, *more: Any) -> None:
            answers.append((function, answer))
            method(self, answer, *more)

        monkeypatch.setattr(Watch, name, kept)

    keep("_probed", "probe")
    keep("_looked", "conservation")
    return answers


def found_by(plan: Plan = PLAN) -> str:
    """The check that finds what is wrong."""
    with pytest.raises(Broken) as broken:
        World(plan).run()
    return broken.value.check


def test_both_are_called_and_the_probes_ballots_are_counted(said: list[tuple[str, Any]]) -> None:
    world = World(PLAN)
    world.run()
    probes = [answer for function, answer in said if function == "probe"]
    assert len(probes) >= LEAST_ROUNDS + 1
    assert [answer["counted"] for answer in probes] == [None] + [True] * (len(probes) - 1)
    assert not any(answer["wrong"] for answer in probes)
    looks = [answer for function, answer in said if function == "conservation"]
    assert len(looks) >= LEAST_ROUNDS + 1
    assert max(answer["accepted"] for answer in looks) >= 4
    assert world.checker.tallied()["probe"]["voters"] == 1
    assert "probe" not in World(PLAN._replace(watched=False)).checker.tallied()


def test_a_mapping_that_is_off_is_named_and_so_is_what_waits_behind_it(said: list[tuple[str, Any]]) -> None:
    World(OFF).run()
    looks = [answer for function, answer in said if function == "conservation"]
    assert any(answer["mappings_off"] == ["write"] and answer["missing"] for answer in looks)
    assert not looks[-1]["missing"]


def test_a_ballot_that_is_not_tallied_is_told_by_the_probe(said: list[tuple[str, Any]]) -> None:
    World(OFF._replace(events=(OFF.events[0]._replace(target=2),))).run()
    assert any(answer["counted"] is False and not answer["cast"] for function, answer in said if function == "probe")


def test_a_settled_line_that_is_not_in_the_log_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    write = LogGroups.write
    monkeypatch.setattr(
        LogGroups, "write", lambda self, function, *said: write(self, function, *said) if function != "write" else None
    )
    assert (
        found_by(PLAN._replace(watched=False, skew=False)) == "conservation"
    )  # clocks that differ can end a history before it is late


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shared.conserved.Witnesses.late", lambda self, before_ms: {}),
        ("shared.conservation.ON", {"Enabled", "Disabled"}),
    ],
)
def test_a_conservation_check_that_sees_nothing_is_found(
    name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name, value)
    assert found_by(OFF) == "conservation"


@pytest.mark.parametrize("looked", [LastBallot(0, True, True), LastBallot(0, False, None)])
def test_a_probe_that_says_what_is_not_so_is_found(looked: LastBallot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Probe, "_last_ballot", lambda self, vote: looked)
    assert found_by() == "probe"
    assert found_by(PLAN._replace(skew=True)) == "probe"


def test_a_call_without_a_row_passes_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a mutant adds."""
    handle = Write.handle

    def look_first(self: Any, event: Any, context: Any) -> Any:
        self._counting._store._client.delete_item(
            TableName=f"{deployed.NAME}-journal", Key={"shard": {"N": "9"}, "n": {"N": "1"}}
        )
        return handle(self, event, context)

    monkeypatch.setattr(Write, "handle", look_first)
    found = chunk(PIPELINE, 0, 1, size=8, shrink=0)
    assert found.broken is not None
    assert found.broken["check"] == "calls"
    assert chunk(PIPELINE, 0, 1, size=8, shrink=0, any_call=True).broken is None
    assert Faults.strict
    assert json.loads(deployed.ENVIRONMENTS["conservation"]["MAPPINGS"]).keys() == {"process", "write", "tally"}
