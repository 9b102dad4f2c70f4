"""What pipelines need beside the emulator: started for those that are up, and stopped by `down`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tools.local_cloud import emulator, pipeline, server, stack
from tools.local_cloud.pipeline import Pipeline
from tools.local_cloud.runs import Run

COMMAND = "import sys, time; time.sleep(60)"


def _start(name: str) -> Callable[[Run], Mapping[str, Any]]:
    def start(run: Run) -> Mapping[str, Any]:
        own = server.beside(run, name)
        listener = server.listen()
        state = server.spawn([str(emulator.python()), "-c", COMMAND], run, name, server.environment(run, ""), listener)
        own.write_state(run.state() | state)
        return {"locals": {name: state["endpoint"]}}

    return start


@pytest.mark.parametrize(
    ("asked", "started"), [((), {"reader", "vendor"}), (("shop",), {"vendor"}), (("votes",), set[str]())]
)
def test_those_of_the_pipelines_that_are_up(
    asked: tuple[str, ...], started: set[str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {
        "shop": Pipeline(lambda *_: iter(()), {"vendor": _start("vendor")}),
        "post": Pipeline(lambda *_: iter(()), {"reader": _start("reader")}),
    }
    applied: list[Mapping[str, Any]] = []
    monkeypatch.setattr(pipeline, "pipelines", lambda: there)
    monkeypatch.setattr(stack, "PIPELINES", ("votes", "shop", "post"))
    monkeypatch.setattr(stack, "package", lambda *_, **__: "packages")
    monkeypatch.setattr(stack, "apply", lambda *given: applied.append(given[3]))
    run.own()
    said: list[str] = []
    stack.up(run, said.append, changed={"locals": {"a": 1}, "module": {"m": {}}}, pipelines=asked)
    states = {name: server.beside(run, name).state() for name in started}
    assert applied == [
        {"locals": {"a": 1, **{name: state["endpoint"] for name, state in states.items()}}, "module": {"m": {}}}
    ]
    assert set(said) >= started
    assert stack.down(run)
    assert not any(server.beside(run, name).state_file.exists() for name in started)
    assert not stack.down(run)
