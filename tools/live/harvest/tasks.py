"""The harvest's law: every task that is known of a run is answered, gone, failed, or open.

It is summed from the rows alone, from the roots through what was committed: a parcel that a commit
names and that is not there is missing, with whatever it held.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from harvest import proof
from harvest.ledger import Ledger
from harvest.parcels import Parcel
from harvest.run_rows import OVER, Run
from tools.live.law import Balance, Term
from tools.live.local.place import Place
from tools.operations.harvest import runs

OK, GONE, FAILED, OPEN = "answered", "gone", "failed", "open"
WORDS = {"ok": OK, "gone": GONE, "failed": FAILED}
TERMS = (OK, GONE, FAILED, OPEN)
SHARE = 0.1  # of the time that reading the ledger may take
MOST_RUNS = 20


@dataclass
class Tasks:
    """A run's tasks by what became of them, how many of each, and what a commit names that is not
    there.
    """

    run: Run
    known: set[str] = field(default_factory=set)
    became: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    missing: set[str] = field(default_factory=set)


def walked(run: Run, rows: Mapping[str, Parcel]) -> Tasks:
    """Walk from the roots through what was committed."""
    found = Tasks(run)
    for id_, parcel in proof.committed(run, rows):
        if parcel is None:
            found.missing.add(f"{run.run_id}/parcel {id_}")
        else:
            _add(found, parcel)
    found.counts.update(found.became.values())
    found.missing |= {f"{run.run_id}/{one}" for one in found.known - found.became.keys()}
    return found


def _add(found: Tasks, parcel: Parcel) -> None:
    ids = [task.id for task in parcel.tasks]
    if parcel.new:
        found.known.update(ids)
    if not parcel.is_settled:
        found.became |= {one: found.became.get(one, OPEN) for one in ids}
        return
    for one, outcome in zip(ids, parcel.outcomes, strict=False):
        if outcome in WORDS:
            found.became[one] = WORDS[outcome]


class TasksOf:
    """The tasks of a pipeline's runs."""

    def __init__(self, place: Place) -> None:
        self._place = place
        tables = place.deployment.outputs["tables"]
        self._ledger = Ledger(place.client("dynamodb"), tables["ledger"])
        self._known: dict[str, None] = {}
        self._tasks: dict[str, Tasks] = {}
        self._next = 0.0

    @property
    def runs(self) -> list[Run]:
        """Those that were looked at, as they were then."""
        return [tasks.run for tasks in self._tasks.values()]

    def begun(self, run_id: str) -> None:
        """A run that is to be looked at."""
        self._known[run_id] = None

    def read(self) -> None:
        """Read every run that is not over, if it is time to."""
        began = time.monotonic()
        if began < self._next:
            return
        self._known |= dict.fromkeys(runs.known(self._place.deployment))
        for run_id in list(self._known)[-MOST_RUNS:]:
            there = self._tasks.get(run_id)
            if there is None or there.run.state not in OVER or there.missing:
                run, rows = self._ledger.read(run_id)
                if run is not None:
                    self._tasks[run_id] = walked(run, rows)
        self._next = began + (time.monotonic() - began) / SHARE

    def balance(self) -> Balance:
        """Where every task is."""
        counts = self._counts
        missing = frozenset[str]().union(*(tasks.missing for tasks in self._tasks.values()))
        right = [Term(name, counts[name]) for name in TERMS]
        known = sum(len(tasks.known) for tasks in self._tasks.values())
        return Balance("tasks", Term("known", known), right, missing)

    @property
    def done(self) -> int:
        """How many are settled."""
        counts = self._counts
        return counts.total() - counts[OPEN]

    @property
    def _counts(self) -> Counter[str]:
        """Of all runs."""
        return sum((tasks.counts for tasks in list(self._tasks.values())), Counter())

    def outcome(self, task_id: str) -> tuple[Run, str] | None:
        """The run that knows a task, the newest, and what became of it there."""
        for tasks in reversed(self._tasks.values()):
            if task_id in tasks.became:
                return tasks.run, tasks.became[task_id]
        return None
