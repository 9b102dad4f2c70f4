"""What a person or a stranger writes into a variable is text: for make, for the shell, for a
command's options.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.makefile import FILES, TARGETS, variables
from tests.support.project_copy import SET_UP
from tools.common.paths import ROOT

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
