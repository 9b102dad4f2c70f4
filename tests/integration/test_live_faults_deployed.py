"""What the live page breaks of deployed pipelines is seen on it, and costs nothing in the end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.left import processes_in
from tools.live.kept import Kept
from tools.live.local.place import Place
from tools.live.local.source import LocalSource
from tools.live.pipeline import pipelines
from tools.live.source import BREAK, LOAD
from tools.local_cloud import fault_proxy, stack
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.pipeline import pipeline_of

pytestmark = pytest.mark.slow

BOUND_SECONDS, FUSE_SECONDS = 240.0, 300.0
BALLOTS, CALLS = 500, 200
BROKEN = ("votes", "harvest")

Snap = dict[str, Any]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run behind the proxy that injects faults."""
    run = Run(tmp_path_factory.mktemp("faults"))
    try:
        fault_proxy.start(run)
        stack.up(run, lambda _: None, pipelines=BROKEN)
        yield run
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []


@pytest.fixture(scope="module")
def source(run: Run) -> Iterator[LocalSource]:
    """The page's source."""
    there = [Place(Kept.of(Deployment.local(run, one)), run, pipeline_of(one)) for one in BROKEN]
    made = LocalSource(there, pipelines(), fault_proxy.running(run))
    try:
        yield made
    finally:
        made.close()


def until(source: LocalSource, pipeline: str, holds: Callable[[Snap], Any]) -> Snap:
    """The pipeline's part of the first sample of which it holds."""
    deadline = time.monotonic() + BOUND_SECONDS
    while True:
        said: Snap = source.sample()["pipelines"][pipeline]
        if said["law"] and holds(said):
            return said
        assert said["law"] is None or said["law"]["state"] != "broken", said["law"]["text"]
        assert time.monotonic() < deadline, json.dumps(
            {name: said[name] for name in ("law", "nodes", "failures", "load")}
        )
        time.sleep(0.3)


def terms(said: Snap) -> dict[str, int]:
    return {term["name"]: term["value"] for term in said["law"]["terms"]}


def broken(source: LocalSource, name: str) -> None:
    source.do(BREAK, [name], {"seconds": FUSE_SECONDS})


def observed(source: LocalSource, name: str) -> str:
    (told,) = [one for one in source.sample()["faults"] if one["name"] == name]
    return str(told["observed"])


def test_sends_that_are_cut_hold_ballots_back_and_lose_none(source: LocalSource) -> None:
    """The probe casts a ballot a minute beside those of the test."""
    until(source, "votes", lambda said: said["law"]["state"] == "holds")
    broken(source, "votes-cut")
    source.do(LOAD, ["votes"], {"shape": "burst", "rate": BALLOTS})
    until(source, "votes", lambda said: said["nodes"]["function/process"].get("failing"))
    held = until(source, "votes", lambda said: terms(said)["queued"] >= BALLOTS)
    assert terms(held)["counted"] < BALLOTS
    source.do(BREAK, ["votes-cut", "heal"], {})
    settled = until(source, "votes", lambda said: said["law"]["state"] == "holds" and terms(said)["queued"] == 0)
    assert terms(settled)["accepted"] >= BALLOTS
    until(source, "votes", lambda _: observed(source, "votes-cut").endswith("the law held"))


def test_a_vendor_that_refuses_slows_a_run_and_nothing_is_missing_of_it(source: LocalSource) -> None:
    source.do(LOAD, ["harvest"], {"shape": "run", "rate": CALLS})
    until(source, "harvest", lambda said: terms(said)["answered"] > 5)
    broken(source, "harvest-429")
    refused = until(source, "harvest", lambda said: "429" in said["nodes"]["target/vendor"].get("failing", ""))
    (limited,) = [one["value"] for one in refused["extra"] if one["name"] == "429s"]
    assert limited > 0
    assert terms(refused)["open"] > 0
    source.do(BREAK, ["harvest-429", "heal"], {})
    over = until(source, "harvest", lambda said: terms(said)["known"] > CALLS / 2 and terms(said)["open"] == 0)
    assert (over["law"]["state"], over["law"]["missing"], terms(over)["failed"]) == ("holds", 0, 0)
