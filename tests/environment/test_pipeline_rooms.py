"""The pipelines that there are, and how a command finds the room of the one that is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import pipeline_rooms
from tools.environment.names import DEFAULT_PIPELINE, PIPELINES

ROOM = "anteroom"


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A room in which votes has a command, and shop that one and another."""
    for name in ("votes/__main__.py", "shop/__main__.py", "shop/count/__main__.py"):
        file = tmp_path / ROOM / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("import sys\nprint(__name__, __spec__.name)\nsys.exit(7)\n")
    monkeypatch.setattr(pipeline_rooms, "ROOT", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("PIPELINE", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "command", "became"),
    [("", "", "votes"), ("shop", "", "shop"), ("shop", "count", "shop.count")],
)
def test_a_command_becomes_the_pipelines_own(
    asked: str,
    command: str,
    became: str,
    room: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PIPELINE", asked)
    monkeypatch.setattr(sys, "argv", ["x"])
    with pytest.raises(SystemExit) as ended:
        pipeline_rooms.run(ROOM, command)
    assert ended.value.code == 7
    assert capsys.readouterr().out == f"__main__ {ROOM}.{became}.__main__\n"


@pytest.mark.parametrize(("asked", "command", "known"), [("toys", "", "votes, shop"), ("votes", "count", "shop")])
def test_one_without_the_command_is_refused(
    asked: str, command: str, known: str, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE", asked)
    with pytest.raises(CommandError, match=f"no pipeline '{asked}' has this command: PIPELINE is one of {known}$"):
        pipeline_rooms.run(ROOM, command)


def test_the_pipelines_are_those_of_terraform_and_each_has_its_functions() -> None:
    folders = {path.name for path in (ROOT / "terraform/pipelines").iterdir()}
    assert set(PIPELINES) == folders <= {path.name for path in (ROOT / "lambda_src").iterdir()}
    assert PIPELINES[0] == DEFAULT_PIPELINE


def test_one_is_chosen_or_all() -> None:
    assert pipeline_rooms.chosen("") == ()
    assert pipeline_rooms.chosen("votes") == ("votes",)
    with pytest.raises(CommandError, match="there is no pipeline 'shop': PIPELINE is one of votes"):
        pipeline_rooms.chosen("shop")
