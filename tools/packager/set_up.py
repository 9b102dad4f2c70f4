"""`python set_up.py -m pip install … -r FILE`: pip, and how far it is: of how many packages, which.

What it installs is not there yet, so this takes the standard library alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

PACKAGE = re.compile(r"(?:Collecting|Requirement already satisfied:|Ignoring) ([\w.-]+)")
INSTALLS = "Installing collected packages"
PLAIN = ("--no-color", "--progress-bar", "off", "--no-input")
CLEAR = "\r\x1b[K"
COLUMNS = 78


def main(arguments: list[str], out: TextIO) -> int:
    """Run pip, and return its exit code; what it says of errors is on stderr as ever."""
    file = arguments[-1]
    most = sum(bool(re.match(r"[A-Za-z0-9]", line)) for line in Path(file).read_text().splitlines())
    began = f"set-up: {file}, {most} packages"
    if not out.isatty():
        print(began, file=out, flush=True)
    pip = subprocess.Popen([sys.executable, *arguments, *PLAIN], stdout=subprocess.PIPE, text=True, errors="replace")
    with pip:
        follow(pip.stdout or (), most, _shower(began, out))
    if out.isatty():
        print(f"{CLEAR}{began}", file=out, flush=True)
    return pip.returncode


def follow(lines: Iterable[str], most: int, show: Callable[[str], None]) -> None:
    """Show, line by line of pip's, which package it is at: "3 of 120: boto3"."""
    number = 0
    for line in lines:
        if found := PACKAGE.match(line.strip()):
            number = min(number + 1, most)
            show(f"{number} of {most}: {found[1]}")
        elif line.startswith(INSTALLS):
            show("all are here, and are unpacked")


def _shower(began: str, out: TextIO) -> Callable[[str], None]:
    """What rewrites one line of a terminal; a pipe gets none of it."""

    def show(text: str) -> None:
        if out.isatty():
            print(f"{CLEAR}{began}; {text}"[: COLUMNS + len(CLEAR)], end="", file=out, flush=True)

    return show


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))
