"""An audit that is not finished, kept in a file, so that one of a large table need not start over."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from devcloud.runs import BUILD, LocalCloudError
from votes.journal import KEEP_SECONDS
from votes.recount import State
from votes.tallies import Fold

VERSION = 1
MARGIN_SECONDS = 86_400  # of the journal's 30 days: what is left to read the rest in
SAVE_SECONDS = 15.0


def path_of(environment: str, title: str | None) -> Path:
    """Where the unfinished audit of an environment (or of one of its titles) is kept."""
    return BUILD / "recount" / (f"{environment}-{title}.json.gz" if title else f"{environment}.json.gz")


class Kept:
    """The file of one audit. It holds voters' ids, so only its owner may read it, and it goes when the audit is finished."""

    def __init__(self, path: Path, table: str, clock: Callable[[], float] = time.monotonic, seconds: float = SAVE_SECONDS) -> None:
        self.path, self._table, self._clock, self._seconds = path, table, clock, seconds
        self._saved_at = clock()

    def load(self, now_us: int) -> State | None:
        """The audit kept, or None. Raises LocalCloudError when it cannot be gone on with."""
        if not self.path.exists():
            return None
        try:
            said = json.loads(gzip.decompress(self.path.read_bytes()))
            state = _read(said)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise LocalCloudError(f"the audit in {self.path} cannot be read ({error}): FRESH=yes starts over") from error
        if said["v"] != VERSION or said["table"] != self._table:
            raise LocalCloudError(f"{self.path} holds an audit of another release, or of the table {said['table']}: FRESH=yes starts over")
        if now_us // 1_000_000 > state.fold.as_of // 1_000_000 + KEEP_SECONDS - MARGIN_SECONDS:
            raise LocalCloudError(f"the audit in {self.path} is too old, its journal expires: FRESH=yes starts over")
        return state

    def save_sometimes(self, state: State) -> None:
        """Save, unless that was done a moment ago."""
        if self._clock() >= self._saved_at + self._seconds:
            self.save(state)

    def save(self, state: State) -> None:
        """Save: the file is the new one or the old one, whatever breaks."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        said = asdict(state) | {"later": sorted(state.later), "v": VERSION, "table": self._table}
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(gzip.compress(json.dumps(said, separators=(",", ":")).encode(), 1))
        fresh.replace(self.path)
        self._saved_at = self._clock()

    def forget(self) -> None:
        """The audit is finished, or cannot be."""
        self.path.unlink(missing_ok=True)


def _read(said: dict[str, Any]) -> State:
    fold = said["fold"]
    return State(
        fold=Fold(fold["epoch"], {int(shard): n for shard, n in fold["upto"].items()}, fold["as_of"], fold["shards"]),
        tallied=said["tallied"],
        title_id=said["title_id"],
        rebuilt=said["rebuilt"],
        later={(voter_id, title_id) for voter_id, title_id in said["later"]},
        votes=said["votes"],
        next=said["next"],
        read=said["read"],
    )
