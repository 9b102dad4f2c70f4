"""How far an import has come, and what it refused: files of their own, for who goes on later."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.errors import CommandError
from tools.common.paths import BUILD

PROBED_BYTES = 1_048_576  # of a file's start and of its end: with its size they tell it from others


@dataclass
class Progress:
    """Rows that are done: how many, how many ballots and messages were sent, how many refused."""

    rows: int = 0
    ballots: int = 0
    messages: int = 0
    rejected: int = 0
    rejects_bytes: int = 0


class Kept:
    """The files of one import, by what is imported and how.

    They hold voters' ids, so only their owner may read them.
    """

    def __init__(self, environment: str, file: Path, how: str) -> None:
        """Raises CommandError where the file cannot be read."""
        name = f"{environment}-{hashlib.sha256(f'{identity(file)} {how}'.encode()).hexdigest()[:16]}"
        self._path = BUILD / "import" / f"{name}.json"
        self.rejects = BUILD / "import" / f"{name}.rejects.jsonl"
        self.progress = Progress()

    def begin(self, *, fresh: bool) -> None:
        """Go on where an import of the same broke off, unless `fresh`. Raises CommandError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and not fresh:
            try:
                self.progress = Progress(**json.loads(self._path.read_text()))
            except (OSError, ValueError, TypeError) as error:
                raise CommandError(f"{self._path} cannot be read ({error}): FRESH=yes starts over") from error
        with os.fdopen(os.open(self.rejects, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.truncate(self.progress.rejects_bytes)

    def reject(self, lines: list[dict[str, Any]]) -> None:
        """Add rows that were refused, with the reasons."""
        with self.rejects.open("ab") as file:
            for line in lines:
                file.write(json.dumps(line, default=str).encode() + b"\n")
            self.progress.rejects_bytes = file.tell()
        self.progress.rejected += len(lines)

    def save(self) -> None:
        """What is done is done: the file is the new one or the old one, whatever breaks."""
        private.write(self._path, json.dumps(asdict(self.progress)))

    def end(self) -> None:
        """All is done: the next import of the same starts over. What was refused stays."""
        self._path.unlink(missing_ok=True)


def identity(path: Path) -> str:
    """What tells a file from another. Raises CommandError."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            probed = hashlib.sha256(file.read(PROBED_BYTES))
            file.seek(max(0, size - PROBED_BYTES))
            probed.update(file.read(PROBED_BYTES))
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error}") from error
    return f"{size} {probed.hexdigest()}"
