"""Known vulnerabilities: in the zips they fail, elsewhere they are told, and exceptions end."""

from __future__ import annotations

import datetime
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tools.common.errors import CommandError
from tools.packager import audit
from tools.packager.lock import REQUIREMENTS

TODAY = datetime.date(2026, 11, 29)
# As pip-audit prints it (--format json), its texts shortened.
VULNERABLE = {
    "name": "pydantic",
    "version": "2.14.3",
    "vulns": [
        {"id": "PYSEC-2026-7", "fix_versions": ["2.14.4"], "aliases": ["CVE-2026-1", "GHSA-a"], "description": "…"}
    ],
}
SOUND = {"name": "boto3", "version": "1.44.8", "vulns": []}
EXCEPTION = (
    '[[accepted]]\npackage = "pydantic"\nid = "CVE-2026-1"\nreason = "we take no such text"\nuntil = 2026-12-31\n'
)


def _run(
    tmp_path: Path, found: Mapping[str, Sequence[Mapping[str, Any]]], accepted: str = "", today: datetime.date = TODAY
) -> tuple[int, list[audit.Finding]]:
    exceptions = tmp_path / "audit.toml"
    exceptions.write_text(accepted)
    code = audit.run(tmp_path / "out", lambda lock: found.get(lock, [SOUND]), exceptions, today)
    return code, audit.read(tmp_path / "out" / audit.REPORT)


def test_what_is_in_the_zips_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (finding,) = _run(tmp_path, {"functions": [SOUND, VULNERABLE], "dev": [VULNERABLE]})
    assert code == 1
    assert str(finding) == "pydantic 2.14.3 (functions): PYSEC-2026-7, CVE-2026-1, GHSA-a; fixed in 2.14.4"
    assert f"IN THE ZIPS: {finding}" in capsys.readouterr().out


def test_what_is_on_a_clients_site_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (finding,) = _run(tmp_path, {"agent": [VULNERABLE], "dev": [VULNERABLE]})
    assert code == 1
    assert f"ON CLIENTS' SITES: {finding}" in capsys.readouterr().out


@pytest.mark.parametrize("lock", ["dev", "emulator", "checkov", "terraform", "audit"])
def test_the_rest_is_reported(lock: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (finding,) = _run(tmp_path, {lock: [VULNERABLE]})
    assert code == 0
    assert f"reported: {finding}" in capsys.readouterr().out


def test_an_exception_has_a_reason_and_an_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {"functions": [VULNERABLE]}
    code, (finding,) = _run(tmp_path, found, EXCEPTION)
    assert (code, finding.reason) == (0, "we take no such text")
    assert "(we take no such text)" in capsys.readouterr().out
    assert _run(tmp_path, found, EXCEPTION, datetime.date(2026, 12, 31))[0] == 0
    assert _run(tmp_path, found, EXCEPTION, datetime.date(2027, 1, 1))[0] == 1


def test_an_exception_is_for_one_package_and_goes_when_it_is_not_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, {"functions": [{**VULNERABLE, "name": "other"}]}, EXCEPTION)[0] == 1
    assert "no longer found: pydantic CVE-2026-1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line", ["reason = ' '", "until = '2026-12-31'", "until = 2026-12-31T00:00:00Z", "id = 1", "package = ''"]
)
def test_an_exception_that_lacks_something_is_refused(line: str, tmp_path: Path) -> None:
    name = line.split(" =")[0]
    changed = "\n".join(line if one.startswith(f"{name} =") else one for one in EXCEPTION.splitlines())
    with pytest.raises(CommandError, match="an exception has package, id, reason and until"):
        _run(tmp_path, {}, changed)


def test_what_could_not_be_audited_is_no_pass(tmp_path: Path) -> None:
    code, (finding,) = _run(tmp_path, {"functions": [{"name": "pydantic", "skip_reason": "not on the index"}]})
    assert code == 1
    assert "not audited: not on the index" in str(finding)


def _printing(monkeypatch: pytest.MonkeyPatch, output: str) -> list[list[str]]:
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 1, output, "no answer")

    monkeypatch.setattr(subprocess, "run", run)
    return asked


def test_pip_audit_reads_the_lock_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _printing(monkeypatch, json.dumps({"dependencies": [SOUND, VULNERABLE], "fixes": []}))
    assert audit.pip_audit("functions") == [SOUND, VULNERABLE]
    assert asked[0][3:] == [
        *("--requirement", str(REQUIREMENTS / "functions.txt"), "--require-hashes", "--disable-pip"),
        *("--format", "json", "--progress-spinner", "off"),
    ]


@pytest.mark.parametrize("output", ["", "[]", '{"message": "503"}', "ERROR", '{"dependencies": [], "fixes": []}'])
def test_no_answer_is_no_pass(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _printing(monkeypatch, output)
    with pytest.raises(CommandError, match="did not audit functions:\nno answer"):
        audit.pip_audit("functions")


def test_ours_are_well_formed(tmp_path: Path) -> None:
    audit.run(tmp_path, lambda _: [SOUND])
