"""`make release`: what a release hands out, in build/release.

The zips, their manifest, what else is installed from it, the sums of all, and the changelog's part
about the version.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tools.common.errors import CommandError

FORMAT = 1
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
NOTES = "notes.md"
VERSION = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?")
HEADING = re.compile(rf"^## (Unreleased|\[?({VERSION.pattern})\]?(?: - \d{{4}}-\d\d-\d\d)?)$", re.MULTILINE)


class ReleaseError(CommandError):
    """Why this cannot be released, and what to change."""


def version_and_notes(tag: str, root: Path) -> tuple[str, str]:
    """The version of `tag` ("v1.2.0" or "1.2.0") and the changelog's part about it.

    Raises ReleaseError where the two disagree.
    """
    version = tag.removeprefix("v")
    if not VERSION.fullmatch(version):
        raise ReleaseError(f"VERSION={tag or '…'} is no version: say it as VERSION=1.2.0")
    notes = _notes(version, (root / "CHANGELOG.md").read_text())
    package = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    if package != version:
        raise ReleaseError(f"pyproject.toml says version {package}: make it {version}, commit, and tag that commit")
    return version, notes


def write(version: str, notes: str, built: Path, others: Iterable[Path], out: Path) -> list[Path]:
    """Fill `out` anew from the packager's folder `built` and other files of it; return its files.

    Raises ReleaseError when a zip is not what was built.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    packages = json.loads((built / MANIFEST).read_bytes())["packages"]
    for package in packages.values():
        shutil.copyfile(built / package["file"], out / package["file"])
        if hashlib.sha256((out / package["file"]).read_bytes()).hexdigest() != package["sha256"]:
            raise ReleaseError(
                f"{built / package['file']} is not what its manifest says: `make package` builds it again"
            )
    copied = [Path(shutil.copyfile(other, out / other.name)) for other in others]
    (out / MANIFEST).write_text(json.dumps(manifest(version, packages), indent=2, sort_keys=True) + "\n")
    (out / NOTES).write_text(notes + "\n")
    handed_out = sorted([*out.glob("*.zip"), *copied, out / MANIFEST])
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in handed_out]
    (out / SUMS).write_text("".join(lines))
    return [*handed_out, out / SUMS]


def manifest(version: str, packages: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Names and hashes as the variable `packages` takes them, once bucket and key are added."""
    named = {name: _released(package) for name, package in packages.items()}
    return {"format": FORMAT, "version": version, "packages": named}


def _released(package: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("file", "handler", "python", "platform", "bytecode", "sha256", "size")
    return {"hash": package["sha256_base64"], **{key: package[key] for key in kept}}


def _notes(version: str, changelog: str) -> str:
    """The part about `version`, which must be the newest, with nothing waiting above it."""
    headings = list(HEADING.finditer(changelog))
    ends = [*(heading.start() for heading in headings[1:]), len(changelog)]
    parts = {}
    for heading, end in zip(headings, ends, strict=True):
        parts[heading[2] or heading[1]] = changelog[heading.end() : end].strip()
    if parts.pop("Unreleased", ""):
        raise ReleaseError(
            f"CHANGELOG.md still has entries under Unreleased: move them under `## {version} - <today>`, "
            "commit, and tag that commit"
        )
    newest = next(iter(parts), None)
    if newest != version:
        raise ReleaseError(
            f"CHANGELOG.md's newest version is {newest}, not {version}: the tag and the changelog must agree"
        )
    if not parts[version]:
        raise ReleaseError(f"CHANGELOG.md says nothing about {version}: write what changed for those who use it")
    return parts[version]
