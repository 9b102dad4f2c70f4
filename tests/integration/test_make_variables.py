"""What a person or a stranger writes into a variable is text: for make, for the shell, for a
command's options.
"""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.makefile import FILES, TARGETS, TEXT, reads, variables
from tests.support.project_copy import SET_UP
from tools.common.commands import CommandParser
from tools.common.paths import ROOT
from tools.environment import pipeline_rooms
from tools.environment.names import PIPELINES

HOSTILE = {
    "make": "$(shell touch made)",
    "make twice": "$$(touch made)",
    "backticks": "`touch made`",
    "command": "; touch made",
    "double quotes": '" ; touch made ; "',
    "single quotes": "' ; touch made ; '",
    "one quote": "' ; touch made",
    "line": "a\ntouch made\n\ttouch made",
    "option": "--insist",
    "eval": ")$(eval $(shell touch made))#\\",
}
OF_MAKE = {"MAKEFLAGS"}  # options of make, whoever sets it
CONSTANT = {"SHELL", "VENV", "PY", "TOOL"}  # nobody else's to set
VARIABLES = sorted(variables() - OF_MAKE)
WORDS = {"AWS", "CPU", "CSV", "PEAK"}  # in targets' lines, and no variables
EVERYWHERE = {"COLUMNS", "TERRAFORM"}  # another program's, and what any target may run
GITHUB = ("GITHUB_REPOSITORY", "GITHUB_TOKEN")
READ_OTHERWISE = {  # than by what parses a command's variables
    "demo": ("PICTURE",),
    "apply": ("TERRAFORM",),
    "test": ("TESTS",),
    "comment": ("PULL_REQUEST", *GITHUB),
} | dict.fromkeys(("github-check", "drift-issue", "dependencies", "audit-issue", "release-upload"), GITHUB)
PROGRAMS = (".venv/bin/python", ".venv/bin/actionlint", ".venv/bin/zizmor", ".venv-checkov/bin/checkov")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The Makefile; all its programs are one that writes down its words and variables."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    for part in ("lambda_src", "policies", "tools", "tests", "terraform", "environments"):
        (tmp_path / part).mkdir(exist_ok=True)
    words = '{ printf "%s\\0" "$@"; echo; } >> words'
    values = "\n".join(f'printf "%s\\0%s\\0" {name} "${name}"' for name in VARIABLES)
    for name in PROGRAMS:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{words}\n{{ {values}\n}} > values.$$\n")
        path.chmod(0o755)
    return tmp_path


def _make(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(
        ["make", *SET_UP, *words],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _values(file: Path) -> dict[str, str]:
    found = file.read_text().split("\0")
    return dict(zip(found[::2], found[1::2], strict=False))


def test_every_variable_that_a_command_reads_is_told_of() -> None:
    sources = [*ROOT.glob("tools/**/*.py")]
    read = {
        name for path in sources for name in re.findall(r'add_(?:variable|switch)\(\s*"([A-Z_]+)"', path.read_text())
    }
    assert len(read) > 25
    assert read <= set(VARIABLES)


@pytest.mark.filterwarnings("ignore:.* found in sys.modules:RuntimeWarning")
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_tells_of_just_what_it_reads(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more would be ignored without a word, one less be refused."""
    added: dict[str, set[str]] = {}  # by the program and its command
    for adds in ("add_variable", "add_switch"):
        given = getattr(CommandParser, adds)

        def add(parser: CommandParser, name: str, *rest: Any, given: Any = given, **more: Any) -> None:
            added.setdefault(parser.prog, set()).add(name)
            given(parser, name, *rest, **more)

        monkeypatch.setattr(CommandParser, adds, add)
    monkeypatch.setattr(CommandParser, "run", lambda *_: 0)
    read = set(READ_OTHERWISE.get(target, ()))
    for module, command in re.findall(r"\$\(TOOL\) -m (tools[.\w]+)(?: ([a-z][a-z-]*))?", _recipe(target)):
        programs = _programs(module)
        read |= {"PIPELINE"} if len(programs) > 1 else set()
        for program in programs:
            added.clear()
            with contextlib.suppress(SystemExit):
                runpy.run_module(program, run_name="__main__")
            read |= {name for prog, names in added.items() for name in names if prog.split()[1:] in ([], [command])}
    assert reads(target) - WORDS == read


def _recipe(target: str) -> str:
    (recipe,) = re.findall(rf"^## .*\n{target}:.*\n((?:\t.*\n)*)", TEXT, re.MULTILINE)
    return str(recipe)


def _programs(module: str) -> list[str]:
    """A module, or those of the pipelines' rooms that it becomes; none of one without variables."""
    file = ROOT / module.replace(".", "/")
    text = (file / "__main__.py" if file.is_dir() else file.with_suffix(".py")).read_text()
    if becomes := re.search(r'\brun\("(tools\.\w+)"(?:, "(\w+)")?\)', text):
        room, below = becomes[1], f".{becomes[2]}" if becomes[2] else ""
        having = pipeline_rooms.having(room, f"{below.lstrip('.')}/__main__.py")
        return [f"{room}.{pipeline}{below}" for pipeline in PIPELINES if pipeline in having]
    return [module] if "CommandParser" in text else []


@pytest.mark.parametrize("target", TARGETS)
def test_what_a_target_does_not_read_is_refused_and_nothing_is_run(folder: Path, target: str) -> None:
    for name in {name for other in TARGETS for name in reads(other)} - reads(target) - WORDS - EVERYWHERE:
        done = _make(folder, target, f"{name}=yes")
        assert done.returncode == 2
        assert f"{name}=… is not read by `make {target}`: `make help-{target}` tells what is" in done.stderr
    assert not (folder / "words").exists()


def test_what_one_of_several_targets_reads_is_taken(folder: Path) -> None:
    assert _make(folder, "-n", "up", "demo", "BALLOTS=5", "JWT=yes").returncode == 0
    assert _make(folder, "-n", "up", "demo", "BALLOTS=5", "VOTER=v").returncode == 2


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=list(HOSTILE))
@pytest.mark.parametrize("by", ["command line", "environment"])
def test_a_value_reaches_the_commands_as_it_is_and_is_run_by_nobody(folder: Path, hostile: str, by: str) -> None:
    words, environment = (
        ([f"{name}={hostile}" for name in VARIABLES], {})
        if by == "command line"
        else ([], dict.fromkeys(VARIABLES, hostile))
    )
    targets = [target for target in TARGETS if target != "clean"]
    for goals in (["-n", *targets], ["-n", "clean"], targets):
        done = _make(folder, *goals, *words, **environment)
        assert done.returncode == 0, done.stderr
        assert not list(folder.rglob("made"))
    told = [_values(file) for file in folder.glob("values.*")]
    assert len(told) >= len(targets)
    for values in told:
        assert {name: value for name, value in values.items() if name not in CONSTANT and value != hostile} == {}
    assert hostile not in (folder / "words").read_text()
    assert _make(folder, "clean", *words, **environment).returncode == 0
    assert not list(folder.rglob("made"))


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=list(HOSTILE))
def test_a_python_that_is_none_is_refused_in_words(folder: Path, hostile: str) -> None:
    shutil.rmtree(folder / ".venv")
    done = _make(folder, ".venv/bin/python", f"PYTHON={hostile}", f"MAKECMDGOALS={hostile}")
    assert done.returncode != 0
    assert f"among: {hostile}." in done.stderr
    assert not list(folder.rglob("made"))


def test_a_python_with_a_blank_in_its_path(folder: Path) -> None:
    shutil.rmtree(folder / ".venv")
    python = folder / "a folder" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\n[ "$1" != --version ] || echo Python 3.99\n[ "$1" != -m ] || echo "$@"\n')
    python.chmod(0o755)
    done = _make(folder, ".venv/bin/python", f"PYTHON={python}")
    assert done.stdout.splitlines() == ["set-up: .venv by Python 3.99", "-m venv --clear .venv"], done.stderr


def test_a_python_that_differs_from_the_one_set_up_is_refused(folder: Path, tmp_path: Path) -> None:
    """Ignoring it would be a surprise days later."""

    def python(name: str, version: str) -> str:
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\ntest "$1" = -c && echo "Python {version}"\nexit 0\n')
        path.chmod(0o755)
        return str(path)

    python(".venv/bin/python", "3.11.7 in /a")
    refused = _make(folder, "the-same-python", PYTHON=python("other", "3.12.1 in /b"))
    assert refused.returncode == 2
    assert "PYTHON is Python 3.12.1 in /b, but .venv was made by Python 3.11.7 in /a" in refused.stderr
    assert "Remove the .venv* folders" in refused.stderr
    assert _make(folder, "the-same-python", PYTHON=python("same", "3.11.7 in /a")).returncode == 0
