"""How many files of a batch are in which state, over time: watched, and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from receipts import accounting
from receipts.accounting import EXPECTED, IGNORED
from receipts.rows import State
from shared import clock
from tools.common import pictures
from tools.operations.deployment import Deployment
from tools.operations.receipts.ledger_rows import ledger
from tools.traffic.drain import Watch
from tools.traffic.queue_picture import Sample

# From the bottom of the picture up: what is done, then what waits.
COLOURS = {
    State.DELIVERED: "#56b4e9",
    State.READ: "#009e73",
    State.REVIEW: "#e69f00",
    State.QUARANTINED: "#d55e00",
    State.RECEIVED: "#0072b2",
    EXPECTED: "#999999",
}
LABELS = {
    State.DELIVERED: "delivered",
    State.READ: "read",
    State.REVIEW: "for review",
    State.QUARANTINED: "refused",
    State.RECEIVED: "to be read",
    EXPECTED: "expected",
}


class StateWatch(Watch):
    """Samples how many files of a batch are in which state; ignored entries are left out."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment)
        self._ledger = ledger(deployment)
        self.batch_id = ""
        self.is_open = True
        self.to_deliver = 0

    def _look(self) -> dict[str, int]:
        batch = self._ledger.batch(self.batch_id) if self.batch_id else None
        if batch is None:
            return dict.fromkeys(COLOURS, 0)
        rows = accounting.sort(self._ledger.items(self.batch_id))
        account = accounting.account(batch, rows, clock.now_us())
        self.is_open, self.to_deliver = account.is_open, account.to_deliver
        return {state: account.counts[state] for state in COLOURS}


def words(counts: dict[str, int]) -> str:
    """A sample in words."""
    return ", ".join(f"{LABELS[state]} {count}" for state, count in counts.items() if count and state != IGNORED)


def image(samples: Sequence[Sample], title: str, folder: Path) -> list[Path]:
    """Draw the states as files-by-state.svg and .png in `folder`, the one on top of the other.

    Raises ModuleNotFoundError where matplotlib is not installed (`pictures.can_draw`).
    """
    files = [folder / "files-by-state.svg", folder / "files-by-state.png"]
    with pictures.figure(files, (9, 4.2)) as figure:
        _draw(figure.subplots(), samples, title)
    return files


def _draw(axes: Any, samples: Sequence[Sample], title: str) -> None:
    times = [sample.seconds for sample in samples]
    counts = [[sample.depths[state] for sample in samples] for state in COLOURS]
    last = samples[-1].depths
    labels = [f"{LABELS[state]} (at last {last[state]})" for state in COLOURS]
    axes.stackplot(times, counts, labels=labels, colors=list(COLOURS.values()), alpha=0.85)
    axes.set(xlabel="seconds since the request", ylabel="files", title=title)
    axes.set_xlim(left=0, right=max(times))
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9, reverse=True)
    axes.spines[["top", "right"]].set_visible(False)
