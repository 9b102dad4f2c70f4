"""Files and folders that their owner alone can read, whatever the umask."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

UMASK = 0o077  # of every program that writes for a run, or state and plans


def folder(path: Path) -> Path:
    """Make a folder, and those above it that are not there; return it."""
    if not path.is_dir():
        folder(path.parent)
        path.mkdir()
        path.chmod(0o700)
    return path


def own(path: Path) -> Path:
    """The same, and nobody else's also where it is there already."""
    folder(path).chmod(0o700)
    return path


def opened(path: Path) -> int:
    """A descriptor that writes a file from its beginning."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def write(path: Path, content: str | bytes) -> None:
    """Write a file, whole or not at all."""
    waiting = path.with_name(f"{path.name}.new")
    with open(opened(waiting), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    waiting.replace(path)


def remove(path: Path) -> None:
    """Remove a file or a folder, whichever is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
