"""`make live` on this machine: what it starts it stops, and nothing else; what its buttons do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.live.places import place
from tools.common.errors import CommandError
from tools.live.local import command
from tools.live.local.costs import FEW, Compared, told
from tools.live.local.faults import Fault, Faults
from tools.live.local.measure import told as measured
from tools.live.local.source import LocalSource
from tools.live.source import BREAK, CURE, LOAD, REDRIVE, NotFound, Refused
from tools.local_cloud.runs import Run


class Cloud:
    """A local cloud that is up or not, by the calls that would make it so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, is_up: bool) -> None:
        self.is_up, self.did = is_up, list[str]()
        self.pid = 2_000_000_000  # no system gives it
        within = "tools.live.local.command."
        monkeypatch.setattr(f"{within}emulator.alive", lambda _: self.is_up)
        monkeypatch.setattr(f"{within}fault_proxy.start", lambda _: self.did.append("proxy"))
        monkeypatch.setattr(f"{within}stack.up", self.up)
        monkeypatch.setattr(f"{within}stack.down", lambda _: self.did.append("down"))
        for name in ("state", "state_if_readable"):
            monkeypatch.setattr(Run, name, lambda _: {"pid": self.pid})

    def up(self, _: Run, __: Any, *, pipelines: Any) -> None:
        """Bring it up."""
        self.did.append(f"up {','.join(pipelines) or 'all'}")


def test_what_is_up_is_taken_over_and_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cloud = Cloud(monkeypatch, is_up=True)
    with command._up(Run(tmp_path), ""):
        pass
    assert cloud.did == []


@pytest.mark.parametrize(("pipeline", "up"), [("", "up all"), ("votes", "up votes")])
def test_what_was_not_up_is_brought_up_and_stopped(
    pipeline: str, up: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cloud = Cloud(monkeypatch, is_up=False)
    with command._up(Run(tmp_path), pipeline):
        assert cloud.did == ["down", "proxy", up], "what a killed one left goes first; the proxy is before all calls"
    assert cloud.did[3:] == ["down"]


def test_what_somebody_else_has_brought_up_since_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cloud = Cloud(monkeypatch, is_up=False)
    with command._up(Run(tmp_path), ""):
        cloud.pid += 1
    assert cloud.did == ["down", "proxy", "up all"]


class Pressed:
    """A part of a pipeline that remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def start(self, *asked: Any) -> None:
        self.asked.append(("load", *asked))

    def redrive(self, *asked: Any) -> Pressed:
        self.asked.append(("redrive", *asked))
        return self

    def park(self, *asked: Any) -> None:
        self.asked.append(("park", *asked))

    def has(self, group_id: str) -> bool:
        return group_id.startswith("quarantine-")

    def plain(self) -> dict[str, Any]:
        return {"asked": len(self.asked)}


class OneOf:
    """A pipeline of such parts."""

    def __init__(self) -> None:
        self.loads, self.letters, self.set_aside = Pressed(), Pressed(), Pressed()

    def cure(self, cure_id: str) -> dict[str, Any] | None:
        return {"id": "1"} if cure_id == "known" else None


@pytest.fixture
def pressed() -> tuple[LocalSource, OneOf, list[Any]]:
    """A source without anything that looks."""
    source: Any = object.__new__(LocalSource)
    one, broken = OneOf(), list[Any]()
    source._ones = {"votes": one}
    source.faults = Faults([Fault("kill", "kill", "votes", "It dies.", broken.append, lambda: broken.append("mended"))])
    return source, one, broken


def test_each_button_does_what_it_says(pressed: tuple[LocalSource, OneOf, list[Any]]) -> None:
    source, one, broken = pressed
    assert source.do(BREAK, ["kill"], {"seconds": 5})["faults"][0]["on"]
    source.do(BREAK, ["kill", "heal"], {})
    source.do(BREAK, ["kill"], {})
    source.do(BREAK, ["heal"], {})
    assert broken == [5.0, "mended", 30.0, "mended"]
    source.do(LOAD, ["votes"], {"shape": "steady", "rate": 20})
    assert one.loads.asked == [("load", "steady", 20.0)]
    assert source.do(CURE, ["known"], {}) == {"id": "1"}
    source.do(REDRIVE, ["votes", "redrive"], {"group": "g"})
    source.do(REDRIVE, ["votes", "redrive"], {"message": "m"})
    source.do(REDRIVE, ["votes", "park"], {"group": "g"})
    assert one.letters.asked == [("redrive", "g", ""), ("redrive", "", "m"), ("park", "g")]
    source.do(REDRIVE, ["votes", "redrive"], {"group": "quarantine-bad-score"})
    assert one.set_aside.asked == [("redrive", "quarantine-bad-score")]


def test_a_button_for_what_is_not_there_is_refused(pressed: tuple[LocalSource, OneOf, list[Any]]) -> None:
    source = pressed[0]
    for what, on in ((BREAK, ["melt"]), (LOAD, ["orders"]), (CURE, ["gone"]), (REDRIVE, ["orders", "park"])):
        with pytest.raises(NotFound):
            source.do(what, on, {})
    for wrong in ("5", True, [5]):
        with pytest.raises(Refused, match="seconds is a number"):
            source.do(BREAK, ["kill"], {"seconds": wrong})


def test_the_meter_reckons_a_million_from_enough_items() -> None:
    units = {"api_requests": 1_000.0, "sqs_requests": 2_500.0}
    said = told(units, FEW, Compared(4.1, "the tutorial's"))
    assert (said["dollars"], said["a_million"], said["plain_a_million"]) == (0.002, 20.0, 4.1)
    assert said["text"].endswith("API 50 %, SQS 50 %; the plain design: the tutorial's")
    assert told(units, FEW - 1, None)["a_million"] is None


def test_what_is_measured_is_said_in_a_line() -> None:
    assert measured(30.0, 0.6, 60, 40 * 2**20) == "the server took 2.0 % of a core and 40 MB, at 2.0 snapshots a second"


def test_a_pipeline_that_is_not_up_cannot_be_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there = place("votes", {"queues": {}, "functions": {}}, {}).deployment
    monkeypatch.setattr("tools.live.local.command.find_all", lambda _: [there])
    assert [one.pipeline for one in command._places(Run(tmp_path), "")] == ["votes"]
    with pytest.raises(CommandError, match="make down"):
        command._places(Run(tmp_path), "receipts")
