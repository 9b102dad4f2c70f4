"""What the Makefile says of itself, with what it includes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tools.common.paths import ROOT

FILES = ("Makefile", "requirements/set-up.mk", "tools/common/variables.mk", "tools/common/help.awk")
TEXT = "".join((ROOT / name).read_text() for name in FILES)
# target → what `make` prints of it
TARGETS = {name: line for line, name in re.findall(r"^## (.*)\n([a-z-]+):", TEXT, re.MULTILINE)}
OF_SECTION = {  # target → what its section's line says
    name: line
    for line, part in re.findall(r"^##@ (.*)$((?:.*\n)*?)(?=^##@|\Z)", TEXT, re.MULTILINE)
    for name in re.findall(r"^## .*\n([a-z-]+):", part, re.MULTILINE)
}
PHONY = {name for line in re.findall(r"^\.PHONY: (.*)$", TEXT, re.MULTILINE) for name in line.split()}


def copied(folder: Path) -> Path:
    """The Makefile with what it includes, and the locks, in a folder in which nothing is set up."""
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def reads(target: str) -> set[str]:
    """The variables that the lines of a target and of its section tell of."""
    of_all = re.findall(r"\((.*)\)", OF_SECTION[target])
    return set(re.findall(r"\b[A-Z][A-Z_]+\b", " ".join([TARGETS[target], *of_all])))


def variables() -> set[str]:
    """Every name that somebody could set: in a target's line, read by a recipe, set or exported."""
    told_of = re.findall(r"\b[A-Z][A-Z_]+\b", "\n".join(TARGETS.values()))
    read = re.findall(r"\$\$([A-Z_]+)", TEXT)
    own = re.findall(r"^(?:override |export )*([A-Z]+)\b(?: [:?+]?=.*)?$", TEXT, re.MULTILINE)
    return {*told_of, *read, *own}
