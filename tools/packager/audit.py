"""`make audit`: known vulnerabilities in what the locks name, by pip-audit.

What goes into the functions' zips or to a client's site fails; the rest, which runs on machines of
ours, is reported.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.common.commands import CommandParser
from tools.common.errors import CommandError
from tools.common.paths import BUILD, ROOT
from tools.packager.lock import LOCKS, REQUIREMENTS

ACCEPTED = REQUIREMENTS / "audit.toml"
REPORT = "audit.json"
IN_ZIPS, ON_SITES = "functions", "agent"  # locks of what leaves this project
SHIPPED = {IN_ZIPS: "IN THE ZIPS", ON_SITES: "ON CLIENTS' SITES"}
SECONDS = 600
Audit = Callable[[str], Sequence[Mapping[str, Any]]]


@dataclasses.dataclass(frozen=True)
class Finding:
    """One vulnerability of one locked package; `reason`: why we live with it, if we do."""

    lock: str
    package: str
    version: str
    id: str
    aliases: list[str]
    fixed_in: list[str]
    reason: str = ""

    def __str__(self) -> str:
        names = ", ".join([self.id, *self.aliases])
        fixed = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "no fix yet"
        return f"{self.package} {self.version} ({self.lock}): {names}; {fixed}"


def run(out: Path, audit: Audit, accepted: Path = ACCEPTED, today: datetime.date | None = None) -> int:
    """Audit the locks and write <out>/audit.json; 1 where something shipped is not accepted.

    Raises CommandError.
    """
    exceptions = _exceptions(accepted, today or datetime.datetime.now(datetime.UTC).date())
    findings = [_judged(finding, exceptions) for finding in _findings(audit)]
    out.mkdir(parents=True, exist_ok=True)
    (out / REPORT).write_text(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2) + "\n")
    for finding in findings:
        kind = "accepted" if finding.reason else SHIPPED.get(finding.lock, "reported")
        print(f"{kind}: {finding}{f' ({finding.reason})' if finding.reason else ''}")
    for one in exceptions:
        if not any(_is(finding, one) for finding in findings):
            print(f"no longer found: {one['package']} {one['id']}: take it out of {accepted.name}")
    print(f"{len(findings)} known vulnerabilities in {', '.join(_audited())}")
    return int(any(finding.lock in SHIPPED and not finding.reason for finding in findings))


def read(report: Path) -> list[Finding]:
    """What `run` wrote. Raises CommandError for anything else."""
    try:
        return [Finding(**one) for one in json.loads(report.read_text())]
    except (ValueError, TypeError) as error:
        raise CommandError(f"{report} is not what `make audit` writes ({error}): run it again") from error


def pip_audit(lock: str) -> Sequence[Mapping[str, Any]]:
    """The packages of requirements/<lock>.txt with what pip-audit knows of each.

    Raises CommandError where it cannot tell.
    """
    command = [
        *(str(ROOT / ".venv-audit/bin/python"), "-m", "pip_audit", "--requirement", str(REQUIREMENTS / f"{lock}.txt")),
        *("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise CommandError(
            f"pip-audit did not end with {lock} in {SECONDS} s: is the package index in reach?"
        ) from None
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        packages = []
    if not packages:
        raise CommandError(f"pip-audit did not audit {lock}:\n{done.stderr.strip() or done.stdout.strip()}")
    return packages


def _audited() -> list[str]:
    """What is shipped, and every lock that is no part of another."""
    return [*SHIPPED, *(name for name, whole in LOCKS.items() if whole is None)]


def _findings(audit: Audit) -> Iterable[Finding]:
    seen: set[tuple[str, str, str]] = set()
    for lock in _audited():
        for package in audit(lock):
            for found in _of(lock, package):
                key = (found.package, found.version, found.id)
                if key not in seen:
                    seen.add(key)
                    yield found


def _of(lock: str, package: Mapping[str, Any]) -> Iterable[Finding]:
    name = str(package["name"])
    if "skip_reason" in package:
        yield Finding(lock, name, "", f"not audited: {package['skip_reason']}", [], [])
    for one in package.get("vulns", ()):
        yield Finding(lock, name, str(package["version"]), str(one["id"]), one["aliases"], one["fix_versions"])


def _exceptions(path: Path, today: datetime.date) -> list[dict[str, Any]]:
    """The exceptions that still hold. Raises CommandError for one without a reason or a day."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("accepted", [])
    except tomllib.TOMLDecodeError as error:
        raise CommandError(f"{path} is no TOML: {error}") from error
    for table in tables:
        texts = [table.get(name) for name in ("package", "id", "reason")]
        if (
            not all(isinstance(text, str) and text.strip() for text in texts)
            or type(table.get("until")) is not datetime.date
        ):
            raise CommandError(
                f"{path}: an exception has package, id, reason and until, such as until = 2027-01-31: {table}"
            )
    return [table for table in tables if today <= table["until"]]


def _judged(finding: Finding, exceptions: Iterable[Mapping[str, Any]]) -> Finding:
    reason = next((str(one["reason"]) for one in exceptions if _is(finding, one)), "")
    return dataclasses.replace(finding, reason=reason)


def _is(finding: Finding, exception: Mapping[str, Any]) -> bool:
    return finding.package == exception["package"] and exception["id"] in (finding.id, *finding.aliases)


def main() -> int:
    """Audit the locks with pip-audit. The exit code is that of `run`."""
    parser = CommandParser(prog="audit", description=__doc__)
    parser.set_defaults(work=lambda _: run(BUILD / "audit", pip_audit))
    return parser.run()


if __name__ == "__main__":
    sys.exit(main())
