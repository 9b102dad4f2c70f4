"""Parcels whose workers were killed: split into single tasks; a single one goes to quarantine."""

from harvest import parcels
from harvest.frontier import Frontier
from harvest.ledger import Ledger
from harvest.parcels import Parcel, Settlement, parcel_of
from shared import clock, logs, quarantine
from shared.quarantine import QuarantineStore

REASON = "killed-its-worker"


class Poison:
    """Settles poisoned parcels by the same conditional commit as a worker.

    Its children have names of their own: no worker's claim is in them but the turn, so that a pacer
    that wakes late puts no row of those that another has put.
    """

    def __init__(self, ledger: Ledger, shelf: QuarantineStore) -> None:
        self._ledger, self._shelf = ledger, shelf

    def treat(self, frontier: Frontier, turn: int) -> None:
        """Settle what is poisoned of a run, in a turn. Who still works on it may come first."""
        while frontier.poisoned:
            parcel = frontier.poisoned[0]
            if len(parcel.tasks) > 1:
                self._split(frontier.run.run_id, parcel, turn)
            else:
                self._put_away(frontier.run.run_id, parcel)
            frontier.look_again(frontier.poisoned.pop(0))

    def _split(self, run_id: str, parcel: Parcel, turn: int) -> None:
        key = f"{parcels.SPLIT}-{turn}"
        singles = [
            parcel_of(parcels.child_id(parcel.id, key, index), [task], new=False)
            for index, task in enumerate(parcel.tasks)
        ]
        self._ledger.put_children(run_id, singles)
        what = Settlement(["again"] * len(singles), len(singles))
        self._ledger.commit(run_id, parcel.id, parcel.claim, what, key)
        self._log("split", run_id, parcel)

    def _put_away(self, run_id: str, parcel: Parcel) -> None:
        (task,) = parcel.tasks
        now_us = clock.now_us()
        detail = f"{parcel.tries} workers were killed, or timed out, in its call"
        line = quarantine.line_of(
            "pace",
            REASON,
            detail,
            now_us,
            run_id=run_id,
            parcel=parcel.id,
            task={"level": task.level, "path": list(task.path), "page": task.page},
        )
        self._shelf.put(REASON, now_us, [line])
        what = Settlement(["failed"], causes={REASON: 1})
        self._ledger.commit(run_id, parcel.id, parcel.claim, what)
        self._log("quarantined", run_id, parcel)

    def _log(self, what: str, run_id: str, parcel: Parcel) -> None:
        extra = {"run_id": run_id, "parcel": parcel.id, "tasks": len(parcel.tasks)}
        logs.logger().warning(f"poison {what}", extra=extra)
