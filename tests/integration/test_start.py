"""The README and docs/start.md, to the letter: every command as it is written, and every change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project_copy import PARTS, SET_UP, copy_parts
from tools.common.paths import BUILD, ROOT
from tools.environment import zips

PAGE = ROOT / "docs/start.md"
BLOCKS = re.findall(r"^```(sh|diff)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
RUN_BY_CI = {"make demo\n"}  # as it is, before anything else
README = (ROOT / "README.md").read_text()
# what of the README this file does not run, and why
NOT_RUN = {
    "make demo": "CI does, as it is",
    "make test": "CI does, as it is",
    "make faults": "minutes; docs/start.md runs fewer",
    "make mutants": "minutes; docs/start.md runs one",
    "make chaos": "minutes",
    "make catalogue FILE=titles.csv": "a file to make first: test_make.py",
    "make import FILE=ratings.csv SINCE=…": "a file to make first: test_import_deployed.py",
    "make mend SHARD=2 ENTRY=17": "an entry to break first: test_mend_command.py",
    "make erase VOTER=…": "not as it is written",
    "make batch BATCH=…": "not as it is written",
    "make review": "of receipts, which are not up: test_receipts_batch.py",
    "make runs RUN=… FOLLOW=yes": "not as it is written",
    "make proof RUN=…": "not as it is written",
    **dict.fromkeys((f"make {target} ENV=dev" for target in ("account", "preflight", "apply", "smoke")), "an account"),
    "make plan ENV=dev": "docs/start.md has it",
}
MORE_PARTS = ("CHANGELOG.md", "README.md", "docs", "pyproject.toml", "tests")
LENT = " ".join([*SET_UP, "--old-file=.venv-checkov/.checkov"])


@pytest.fixture
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project as a checkout of its own; virtual environments and zips are lent."""
    folder = tmp_path_factory.mktemp("start") / "sluice"
    folder.mkdir()
    copy_parts(folder, [*PARTS, *MORE_PARTS])
    zips.package("local", pipelines=["votes"])
    shutil.copytree(BUILD / "packages/votes", folder / "build/packages/votes")
    shell(folder, "git init -q && git add -A && git -c user.name=a -c user.email=a@example.com commit -qm all")
    try:
        yield folder
    finally:
        shell(folder, "make down")


def shell(folder: Path, commands: str) -> str:
    """What a block of commands prints, run as a person would; the first that fails ends it."""
    binaries = folder.parent / "bin"
    binaries.mkdir(exist_ok=True)
    make = binaries / "make"
    make.write_text(f'#!/bin/sh\nexec {shutil.which("make")} {LENT} "$@"\n')  # set up already
    make.chmod(0o755)
    path = f"{binaries}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder.parent), "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{commands}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def change(folder: Path, block: str) -> None:
    """Do a change as the page shows it: a file, the line that goes, the lines that come."""
    name, *lines = block.splitlines()
    gone = [line[1:] for line in lines if line.startswith("-")]
    come = [line[1:] for line in lines if line.startswith("+")]
    file = folder / name
    text = file.read_text()
    assert text.count("\n".join(gone)) == 1, f"{name} has no such line any more: {gone}"
    file.write_text(text.replace("\n".join(gone), "\n".join(come)))


def commands(block: str) -> list[str]:
    """The commands of a block of the README, without what is said of them."""
    lines = (line.partition(" # ")[0].strip() for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def blocks_of_readme() -> list[str]:
    """The README's blocks of commands, in order."""
    others = re.compile(r"^```hcl\n.*?^```\n", re.MULTILINE | re.DOTALL)
    blocks: list[str] = re.findall(r"^```(?:sh)?\n(.*?)^```$", others.sub("", README), re.MULTILINE | re.DOTALL)
    return blocks


@pytest.mark.slow
def test_every_command_of_the_readme_in_its_order(clone: Path) -> None:
    said = []
    for block in blocks_of_readme():
        here = [one for one in commands(block) if one not in NOT_RUN]
        if "curl" in block:
            assert "\n".join(commands(block)) == "\n".join(here)  # pasted whole, as it is
            here = [block]
        said += [shell(clone, one) for one in here]
    assert '"voters":1' in said[0].replace(" ", "")
    assert any(text.splitlines()[-1].startswith("well:") for text in said[1:] if text)


def test_what_is_not_run_of_the_readme_is_in_it() -> None:
    there = {one for block in blocks_of_readme() for one in commands(block)}
    assert not NOT_RUN.keys() - there


@pytest.mark.slow
def test_every_command_and_change_of_the_page(clone: Path) -> None:
    said = []
    for kind, block in BLOCKS:
        if kind == "diff":
            change(clone, block)
        elif block not in RUN_BY_CI:
            said.append(shell(clone, block))
    first, *_, second = [text for text in said if '"as_of"' in text]
    assert '"voters":1' in first.replace(" ", "")
    assert '"subtitles":{"votes":1' in second.replace(" ", "")
    assert any("journal" in text and "broken" in text.lower() for text in said)
    assert any("1 of 1 mutants caught" in text for text in said)
    assert any("unknown-aspect" in text for text in said)
