"""An audit that is not finished, in a file: one of a large table need not start over."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.errors import CommandError
from tools.common.paths import BUILD
from votes.journal import KEEP_SECONDS
from votes.recount import State
from votes.tallies import Fold

VERSION = 1
MARGIN_SECONDS = 86_400  # of the journal's 30 days: what is left to read the rest in
SAVE_SECONDS = 15.0


def path_of(environment: str, title: str | None) -> Path:
    """Where the unfinished audit of an environment (or of one of its titles) is kept."""
    return BUILD / "recount" / (f"{environment}-{title}.json.gz" if title else f"{environment}.json.gz")


class AuditFile:
    """The file of one audit.

    It holds voters' ids, so only its owner may read it, and it goes when the audit is finished.
    """

    def __init__(
        self, path: Path, table: str, clock: Callable[[], float] = time.monotonic, seconds: float = SAVE_SECONDS
    ) -> None:
        self.path, self._table, self._clock, self._seconds = path, table, clock, seconds
        self._saved_at = clock()

    def load(self, now_us: int) -> State | None:
        """The audit kept, or None. Raises CommandError when it cannot be gone on with."""
        if not self.path.exists():
            return None
        try:
            saved = json.loads(gzip.decompress(self.path.read_bytes()))
            state = _read(saved)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"the audit in {self.path} cannot be read ({error}): FRESH=yes starts over") from error
        if saved["v"] != VERSION or saved["table"] != self._table:
            raise CommandError(
                f"{self.path} holds an audit of another release, or of the table {saved['table']}: "
                "FRESH=yes starts over"
            )
        if now_us // 1_000_000 > state.fold.as_of // 1_000_000 + KEEP_SECONDS - MARGIN_SECONDS:
            raise CommandError(f"the audit in {self.path} is too old, its journal expires: FRESH=yes starts over")
        return state

    def save_sometimes(self, state: State) -> None:
        """Save, unless that was done a moment ago."""
        if self._clock() >= self._saved_at + self._seconds:
            self.save(state)

    def save(self, state: State) -> None:
        """Save: the file is the new one or the old one, whatever breaks."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        saved = asdict(state) | {"later": sorted(state.later), "v": VERSION, "table": self._table}
        private.write(self.path, gzip.compress(json.dumps(saved, separators=(",", ":")).encode(), 1))
        self._saved_at = self._clock()

    def forget(self) -> None:
        """The audit is finished, or cannot be."""
        self.path.unlink(missing_ok=True)


def _read(saved: dict[str, Any]) -> State:
    fold = saved["fold"]
    return State(
        fold=Fold(fold["epoch"], {int(shard): n for shard, n in fold["upto"].items()}, fold["as_of"], fold["shards"]),
        tallied=saved["tallied"],
        title_id=saved["title_id"],
        rebuilt=saved["rebuilt"],
        later={(voter_id, title_id) for voter_id, title_id in saved["later"]},
        votes=saved["votes"],
        next=saved["next"],
        read=saved["read"],
    )
