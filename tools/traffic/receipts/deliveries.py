"""A database while rows are delivered into it: watched at its front by the second, and drawn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tools.common import pictures
from tools.common.errors import CommandError
from tools.local_cloud.premises.stand_in import StandIn
from tools.traffic import queue_picture
from tools.traffic.queue_picture import Sample

EVERY_SECONDS = 0.4
TABLE = "receipts"
WAITING, SESSIONS, LATENCY, ROWS = "files waiting", "connections", "latency in ms", "rows a second"
CURVES = {WAITING: "#0072b2", SESSIONS: "#d55e00", LATENCY: "#e69f00", ROWS: "#009e73"}
STATEMENT = "INSERT"
KEYS = "customer_id, file_id, receipt, revision"


@dataclass
class Delivered:
    """What was seen of a delivery; times are seconds since `began` (Unix seconds).

    `samples`: what waits, and the sessions. `statements`: when each transaction came and how long
    it took (milliseconds). `rows` by second. `health`: what the front counted.
    """

    began: float
    samples: list[Sample] = field(default_factory=list)
    statements: list[tuple[float, float]] = field(default_factory=list)
    rows: dict[int, int] = field(default_factory=dict)
    health: Mapping[str, Any] = field(default_factory=dict)

    @property
    def standing(self) -> int:
        """How many rows stand in the database."""
        return sum(self.rows.values())

    @property
    def seconds(self) -> float:
        """From the first row to the last."""
        return float(max(self.rows) - min(self.rows) + 1) if self.rows else 0.0

    def latency(self, share: float) -> float:
        """What that share of the transactions did not exceed, in milliseconds; 0 without any."""
        took = sorted(milliseconds for _, milliseconds in self.statements)
        return took[min(len(took) - 1, int(share * len(took)))] if took else 0.0

    def seconds_of(self) -> list[Sample]:
        """All of it as one sample a second."""
        length = int(max([sample.seconds for sample in self.samples] + [0, *self.rows])) + 1
        found = [dict.fromkeys(CURVES, 0) for _ in range(length)]
        for sample in self.samples:
            for name, count in sample.depths.items():
                place = found[int(sample.seconds)]
                place[name] = max(place[name], count)
        for at, took in self.statements:
            if 0 <= at < length:
                found[int(at)][LATENCY] = max(found[int(at)][LATENCY], round(took))
        for second, count in self.rows.items():
            if 0 <= second < length:
                found[second][ROWS] = count
        return [Sample(float(second), depths) for second, depths in enumerate(found)]


class DeliveryWatch:
    """Looks, within a `with`, in a thread of its own; `waiting` says how much waits.

    Of the sessions it counts those of the role that delivers.
    """

    def __init__(self, premises: StandIn, waiting: Callable[[], int]) -> None:
        self.seen = Delivered(time.time())
        self._premises, self._waiting = premises, waiting
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        self.seen.began = time.time()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        """Since the begin."""
        return time.time() - self.seen.began

    @property
    def last(self) -> Mapping[str, int]:
        """The latest look. Raises CommandError with what kept it from looking."""
        if self._error:
            raise CommandError(f"the database cannot be looked at: {self._error}") from self._error
        return self.seen.samples[-1].depths if self.seen.samples else {WAITING: 0, SESSIONS: 0}

    def read(self) -> Delivered:
        """All that was seen, with what the front and the database itself say now."""
        seen = self.seen
        seen.health = self._premises.health()
        log = self._premises.log()
        seen.statements = [(at - seen.began, took) for at, took, word in log if word == STATEMENT]
        asked = f"SELECT floor(extract(epoch FROM delivered_at))::bigint, count(*) FROM {TABLE} GROUP BY 1"  # noqa: S608
        seen.rows = {int(second) - int(seen.began): int(count) for second, count in self._premises.ask(asked)}
        return seen

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                open_now = self._premises.health()["opens"].get(self._premises.role, 0)
                looked = {WAITING: self._waiting(), SESSIONS: int(open_now)}
                self.seen.samples.append(Sample(self.seconds, looked))
                self._ended.wait(EVERY_SECONDS)
        except Exception as error:  # told to whoever asks for the latest look
            self._error = error


def twice(premises: StandIn) -> int:
    """How many rows stand more than once, whatever the table's constraints say."""
    ((found,),) = premises.ask(f"SELECT count(*) - count(DISTINCT ({KEYS})) FROM {TABLE}")  # noqa: S608
    return int(found)


def lines(seen: Delivered) -> list[str]:
    """All of it in blocks, for a terminal."""
    samples, drawn = seen.seconds_of(), []
    for name in CURVES:
        most = max(sample.depths[name] for sample in samples)
        for row, blocks in enumerate(queue_picture.lines(samples, name, height=2)):
            label = f"{name:>14} {most:>6} " if row == 0 else " " * 22
            drawn.append(f"{label}│{blocks}")
    return drawn


def image(
    seen: Sequence[tuple[str, Delivered]], bounds: Mapping[str, float], marks: Mapping[str, float], file: Path
) -> list[Path]:
    """Draw it as `file`.svg and .png, a column for each that has a title.

    `bounds`: a line across a curve. `marks`: what was done, seconds since the begin. Raises
    ModuleNotFoundError where matplotlib is not installed (`pictures.can_draw`).
    """
    files = [file.with_suffix(".svg"), file.with_suffix(".png")]
    with pictures.figure(files, (9, 7.5)) as figure:
        axes = figure.subplots(len(CURVES), len(seen), sharex="col", sharey="row", squeeze=False)
        for column, (title, one) in enumerate(seen):
            axes[0][column].set_title(title, fontsize=10)
            _draw([row[column] for row in axes], one, bounds, marks, first=column == 0)
        for row, name in zip(axes, CURVES, strict=True):
            most = [sample.depths[name] for _, one in seen for sample in one.seconds_of()]
            row[0].set_ylim(0, 1.1 * max([1.0, bounds.get(name, 0), *most]))
    return files


def _draw(
    axes: Sequence[Any], seen: Delivered, bounds: Mapping[str, float], marks: Mapping[str, float], *, first: bool
) -> None:
    samples = seen.seconds_of()
    times = [sample.seconds for sample in samples]
    for axis, (name, colour) in zip(axes, CURVES.items(), strict=True):
        values = [sample.depths[name] for sample in samples]
        axis.plot(times, values, color=colour, linewidth=1.4, drawstyle="steps-post")
        axis.fill_between(times, values, color=colour, alpha=0.15, step="post")
        if name in bounds:
            axis.axhline(bounds[name], color="#555555", linestyle="--", linewidth=1)
        for at in marks.values():
            axis.axvline(at, color="#999999", linestyle=":", linewidth=1)
        axis.set_xlim(left=0)
        if first:
            axis.set_ylabel(name, fontsize=9)
        axis.spines[["top", "right"]].set_visible(False)
    for number, (what, at) in enumerate(marks.items()):
        below = (3, -10 - 12 * (number % 2))  # two may be close together
        place = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "xytext": below}
        axes[0].annotate(what, (at, 1), **place, fontsize=8, color="#555555")
    axes[-1].set_xlabel("seconds")
