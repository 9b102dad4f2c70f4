"""One issue about known vulnerabilities: what is in the zips first, nothing that was accepted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deploy.recording import REPOSITORY, TOKEN, replayed
from tools.deploy.github import audit_issue
from tools.deploy.github.github import GitHub
from tools.packager.audit import Finding

IN_ZIPS = Finding("functions", "pydantic", "2.14.3", "CVE-2026-1", [], ["2.14.4"])
ELSEWHERE = Finding("dev", "moto", "5.1", "GHSA-`@all`", ["x\n# y"], [])
ACCEPTED = Finding("functions", "pydantic", "2.14.3", "CVE-2026-2", [], [], "we take no such text")


@pytest.fixture(autouse=True)
def in_a_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


def _bring_in_line(name: str, found: list[Finding] | None) -> tuple[str, list[Any]]:
    with replayed(name) as replay:
        said = audit_issue.bring_in_line(GitHub(REPOSITORY, TOKEN, replay.api), found)
    return said, replay.bodies


def test_nothing_known_is_no_issue() -> None:
    assert _bring_in_line("audit_none", [])[0] == "no known vulnerability, and no issue about one"


def test_what_is_accepted_is_no_issue() -> None:
    assert _bring_in_line("audit_closed", [ACCEPTED])[0].startswith("closed")


def test_what_is_in_the_zips_comes_first_and_a_strangers_text_is_plain() -> None:
    said, bodies = _bring_in_line("audit_opened", [ELSEWHERE, ACCEPTED, IN_ZIPS])
    assert said.startswith("opened")
    lines = bodies[-1]["body"].splitlines()
    assert lines.index("## In the functions' zips") < lines.index("## On machines that build, test and deploy")
    assert "- `pydantic 2.14.3 (functions): CVE-2026-1; fixed in 2.14.4`" in lines
    assert "- `moto 5.1 (dev): GHSA-'@all', x?# y; no fix yet`" in lines
    assert "CVE-2026-2" not in bodies[-1]["body"]


def test_where_nobody_could_look_it_stays_open() -> None:
    said, bodies = _bring_in_line("audit_updated", None)
    assert said.startswith("updated")
    assert "**The locks could not be audited**" in bodies[-1]["body"]
