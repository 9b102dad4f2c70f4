"""`make screenshots` makes the pictures that the docs name, on a page whose run a test writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.live_figures import fault
from tests.support.live_script import Live, Script, served
from tests.web import scripted_api
from tools.common.paths import ROOT
from tools.live import chromium
from tools.live.pictures import __main__ as pictures

PNG = b"\x89PNG\r\n\x1a\n"
NAMED = {
    name
    for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    for name in re.findall(r"pictures/([a-z-]+\.png)", path.read_text())
}


class Broken(Script):
    """A fault begins with its button."""

    def do(self, what: str, on: Sequence[str], asked: dict[str, Any]) -> dict[str, Any]:
        """As asked."""
        if what == "break":
            names = [one["name"] for one in self.now["faults"]]
            self.now["faults"] = [fault(name, 20.0 if name == on[0] else None) for name in names]
        return super().do(what, on, asked)


@pytest.fixture
def script() -> Script:
    """A run that is well."""
    return Broken()


@pytest.fixture
def live(script: Script) -> Iterator[Live]:
    """The page, and the voting page with an API behind it."""
    with scripted_api.served() as api, served(script, api.config) as live:
        yield live


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the pictures go. A script needs no time to come to look like a run."""
    if chromium.find() is None:
        none = f"NO CHROMIUM HERE: no picture was taken ({chromium.NAMED_BY} names one)"
        (pytest.fail if chromium.required() else pytest.skip)(none)
    monkeypatch.setattr(pictures, "PICTURES", tmp_path)
    for name in ("QUIET_SECONDS", "FAULT_SECONDS"):
        monkeypatch.setattr(pictures, name, 0.1)
    monkeypatch.setattr(pictures, "MEASURED_SECONDS", 0.5)
    return tmp_path


def test_it_makes_the_pictures_that_the_docs_name(
    folder: Path, live: Live, script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["screenshots", "screenshots", "--url", live.url])
    assert pictures.main() == 0
    made = {path.name for path in folder.iterdir()}
    assert made == NAMED == {path.name for path in (ROOT / "docs" / "pictures").glob("*.png")}
    assert all(path.read_bytes().startswith(PNG) for path in folder.iterdir())
    assert [what for what, *_ in script.done] == ["load", "break"]
    told = capsys.readouterr().out
    assert re.search(r"main thread [\d.]+% busy, first paint after \d+ ms, \d+ KB sent", told)


def test_no_picture_is_taken_of_a_run_that_is_not_well(
    folder: Path, live: Live, script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script.votes["verdict"] = {"well": False, "text": "write takes nothing", "findings": []}
    monkeypatch.setattr(pictures, "WAIT_MS", 15_000.0)
    monkeypatch.setattr("sys.argv", ["screenshots", "screenshots", "--url", live.url])
    assert pictures.main() == 1
    assert "it is no picture to show: write takes nothing" in capsys.readouterr().err.lower()
    assert list(folder.iterdir()) == []
