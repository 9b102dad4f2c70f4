"""A run's own row: what it is to do, its state, and the counts that the pacer keeps of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shared import versions
from shared.dynamo import number, whole

VERSION = 1
ITEM = "#run"  # its place in the ledger

State = Literal["running", "paused", "stopped", "cancelled", "completed", "completed-with-failures"]
RUNNING: State = "running"
PAUSED: State = "paused"
STOPPED: State = "stopped"
CANCELLED: State = "cancelled"
COMPLETED: State = "completed"
WITH_FAILURES: State = "completed-with-failures"
OVER: frozenset[str] = frozenset({CANCELLED, COMPLETED, WITH_FAILURES})  # nothing leads on

Item = dict[str, Any]


@dataclass(slots=True)
class Level:
    """How many tasks of a level are known, and how those that are settled ended."""

    expected: int = 0
    ok: int = 0
    gone: int = 0
    failed: int = 0

    def add(self, outcome: Literal["ok", "gone", "failed"], tasks: int = 1) -> None:
        """Count tasks that ended so."""
        setattr(self, outcome, getattr(self, outcome) + tasks)

    @property
    def settled(self) -> int:
        """Tasks that will not be called again."""
        return self.ok + self.gone + self.failed


@dataclass(slots=True)
class Counts:
    """What the settled parcels of a run add up to.

    `calls` were made, `throttled` of them; `causes` are of failures and retries, in the vendor
    file's words.
    """

    levels: dict[str, Level] = field(default_factory=dict)
    calls: int = 0
    throttled: int = 0
    causes: dict[str, int] = field(default_factory=dict)

    def of(self, level: str) -> Level:
        """The counts of a level, which begins empty."""
        return self.levels.setdefault(level, Level())

    @property
    def expected(self) -> int:
        """Tasks known at all levels."""
        return sum(level.expected for level in self.levels.values())

    @property
    def settled(self) -> int:
        """Tasks settled at all levels."""
        return sum(level.settled for level in self.levels.values())

    @property
    def failed(self) -> int:
        """Tasks that failed at all levels."""
        return sum(level.failed for level in self.levels.values())

    @property
    def agree(self) -> bool:
        """Whether each level's tasks are all settled: expected = ok + gone + failed."""
        return all(level.expected == level.settled for level in self.levels.values())

    def to_json(self) -> str:
        """As the row holds them."""
        levels = {
            name: [level.expected, level.ok, level.gone, level.failed]
            for name, level in self.levels.items()
        }
        plain = [levels, self.calls, self.throttled, self.causes]
        return json.dumps(plain, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> "Counts":
        """As the row holds them."""
        levels, calls, throttled, causes = json.loads(text)
        return Counts(
            {name: Level(*counts) for name, counts in levels.items()}, calls, throttled, causes
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A run. Times are milliseconds since the epoch; 0 where there is none yet.

    `name` is what its schedule calls it, `account` whose limits it shares. `roots` counts its root
    parcels, `cap` is the most calls it may come to know before it asks. `rate` caps its calls a
    second below what the vendor permits; None: no cap of its own. `since` is the start of the last
    completed run of that name, None for everything. `turn` is the pacer that has written last.
    `recent`: calls a second that were settled of late. `stored`: its answers are merged.
    """

    run_id: str
    name: str
    account: str
    state: State
    started: int
    cap: int
    roots: int = 0
    rate: float | None = None
    since: int | None = None
    reason: str = ""
    turn: int = 0
    first_call: int = 0
    recent: float = 0.0
    written: int = 0
    ended: int = 0
    stored: bool = False
    counts: Counts = field(default_factory=Counts)

    @property
    def is_over(self) -> bool:
        """Whether nothing will be called for it any more, whatever anybody asks."""
        return self.state in OVER


def item_of(run: Run, expires: int) -> Item:
    """The row of a new run; `expires` is in seconds since the epoch."""
    return {
        "run_id": {"S": run.run_id},
        "item": {"S": ITEM},
        "v": number(VERSION),
        "name": {"S": run.name},
        "account": {"S": run.account},
        "state": {"S": run.state},
        "started": number(run.started),
        "cap": number(run.cap),
        "roots": number(run.roots),
        "turn": number(run.turn),
        "counts": {"S": run.counts.to_json()},
        "expires": number(expires),
        **({} if run.rate is None else {"rate": {"N": repr(run.rate)}}),
        **({} if run.since is None else {"since": number(run.since)}),
    }


def read(item: Mapping[str, Any]) -> Run:
    """A run's row. Raises versions.NewerVersion."""
    versions.require_known("a run's row", int(item["v"]["N"]), VERSION)
    return Run(
        run_id=item["run_id"]["S"],
        name=item["name"]["S"],
        account=item["account"]["S"],
        state=item["state"]["S"],
        started=int(item["started"]["N"]),
        cap=int(item["cap"]["N"]),
        roots=int(item["roots"]["N"]),
        rate=float(item["rate"]["N"]) if "rate" in item else None,
        since=int(item["since"]["N"]) if "since" in item else None,
        reason=item["reason"]["S"] if "reason" in item else "",
        turn=int(item["turn"]["N"]),
        first_call=whole(item, "first_call"),
        recent=float(item["recent"]["N"]) if "recent" in item else 0.0,
        written=whole(item, "written"),
        ended=whole(item, "ended"),
        stored="stored" in item,
        counts=Counts.from_json(item["counts"]["S"]),
    )
