"""`make env`: what a shell that reads it makes of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tools.common.errors import CommandError
from tools.local_cloud import emulator, exports
from tools.local_cloud.runs import Run

ORDERS = {
    "queues": {"orders": {"url": "u", "name": "orders", "dead_letter_url": "d"}},
    "functions": {"take": {"name": "t", "log_group": "g", "arn": "arn:aws:lambda:eu-west-1:000000000000:function:t"}},
}
BEFORE = {"AWS_PROFILE": "prod", "AWS_SESSION_TOKEN": "theirs", "AWS_REGION": "us-west-2", "NO_PROXY": "corp.example"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    run = Run(tmp_path / "it's here")
    state = {"pid": 1, "started": 1.0, "port": 4, "endpoint": "http://127.0.0.1:4", "log": "", "token": "secret"}
    run.write_state(state | {"region": "us-east-1"})
    monkeypatch.setattr(emulator, "alive", lambda _: True)
    return run


def _read_by_a_shell(run: Run) -> dict[str, str]:
    script = "\n".join([*exports.lines(run), "env"])
    said = subprocess.run(["sh", "-c", script], env=BEFORE, capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in said.splitlines())


def test_a_shell_talks_to_what_is_up_and_to_nothing_else(run: Run) -> None:
    found = _read_by_a_shell(run)
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4"
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_REGION"]) == (emulator.KEY, "us-east-1")
    assert found["NO_PROXY"] == "127.0.0.1,corp.example"
    assert found["no_proxy"] == "127.0.0.1"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & found.keys(), "nobody's other account goes with it"
    assert "secret" not in found.values()


def test_the_region_is_the_one_of_what_was_applied(run: Run) -> None:
    run.outputs_file.write_text(json.dumps({"name": {"value": "x"}, "orders": {"value": ORDERS}}))
    assert _read_by_a_shell(run)["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_where_nothing_is_up_that_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "alive", lambda _: False)
    with pytest.raises(CommandError, match="run `make up` or `make try` first"):
        exports.lines(run)
