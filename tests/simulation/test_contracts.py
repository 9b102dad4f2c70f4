"""AWS's own engine for `make contracts`: nothing of it runs that is not as pinned, and where it
cannot run that is said.
"""

from __future__ import annotations

import hashlib
from argparse import Namespace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools.common.errors import CommandError
from tools.simulation import contracts, engine


def test_files_that_are_not_as_pinned_are_named(tmp_path: Path) -> None:
    folder, sums = tmp_path / "files", tmp_path / "sums"
    folder.mkdir()
    for name in ("same.jar", "other.jar", "unlisted.so"):
        (folder / name).write_text(name)
    listed = {"same.jar": "same.jar", "other.jar": "what it was", "missing.jar": ""}
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in listed.items()}
    sums.write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()))
    assert engine.differing(folder, sums) == ["missing.jar", "other.jar", "unlisted.so"]


def test_nothing_runs_that_is_not_as_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "DynamoDBLocal-2.6.1.jar").write_text("something else")
    monkeypatch.setattr(engine, "FILES", tmp_path)
    with pytest.raises(CommandError, match=r"DynamoDBLocal-2\.6\.1\.jar"):
        engine.have()


def test_the_pinned_version_is_the_one_that_is_asked_for() -> None:
    place = "{http://maven.apache.org/POM/4.0.0}"
    (one,) = ElementTree.parse(engine.PROJECT).getroot().findall(f".//{place}dependency")
    name, version = (one.findtext(f"{place}{part}") for part in ("artifactId", "version"))
    assert f"  {name}-{version}.jar\n" in engine.SUMS.read_text()


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What each run of the suite got in its environment; every run ends with 3."""
    found: list[dict[str, str]] = []

    def run(more: dict[str, str]) -> int:
        found.append(more)
        return 3

    monkeypatch.setattr(contracts, "_suite", run)
    monkeypatch.setattr(engine, "have", lambda: pytest.fail("it was not asked for, or cannot run"))
    return found


def test_no_engine_is_fetched_unless_it_is_asked_for(ran: list[dict[str, str]]) -> None:
    assert (contracts.contracts(Namespace(engine=None)), ran) == (3, [{}])


def test_where_it_cannot_run_that_is_said_and_the_others_are_held(
    ran: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (contracts.contracts(Namespace(engine="dynamodb-local")), ran) == (3, [{}])
    said = capsys.readouterr().err
    assert "SKIPPED dynamodb-local: the PATH lacks Maven and a JDK, 17 or newer" in said


def test_another_engine_is_refused() -> None:
    with pytest.raises(CommandError, match="ENGINE=dynamodb-local"):
        contracts.contracts(Namespace(engine="elastic"))
