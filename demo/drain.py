"""Watches the pipeline while it works: queue depths over time, and whether all that went in is counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from demo.picture import Sample
from devcloud.runs import LocalCloudError
from operations.place import Place
from operations.progress import progress
from operations.queues import depth

EVERY_SECONDS = 0.4
QUIET_SAMPLES = 3  # one empty look may fall between two queues


class Watch:
    """Samples the depth of every queue in a thread of its own, from `start` to `stop`, or within a `with`."""

    def __init__(self, place: Place) -> None:
        self.samples: list[Sample] = []
        self._queues = place.outputs["queues"]
        self._sqs = place.client("sqs")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: Exception | None = None

    def start(self) -> None:
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def depths(self) -> dict[str, int]:
        """The latest depths. Raises what kept the watch from looking."""
        if self._error:
            raise LocalCloudError(f"the queues cannot be looked at: {self._error}") from self._error
        return self.samples[-1].depths if self.samples else dict.fromkeys(self._queues, 0)

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                depths = {name: depth(self._sqs, queue["url"]).total for name, queue in self._queues.items()}
                self.samples.append(Sample(self.seconds, depths))
                self._ended.wait(EVERY_SECONDS)
        except Exception as error:  # told to whoever asks for the depths
            self._error = error


def until_drained(
    place: Place,
    depths: Callable[[], dict[str, int]],
    *,
    bound: float = 180.0,
    told: Callable[[dict[str, int], int], None],
    dead_letters: bool = False,
) -> None:
    """Wait until the queues are empty and every journal entry is folded. After `bound` seconds raises LocalCloudError: what hangs.

    Raises it for messages that became dead letters too, unless there may be `dead_letters`.
    """
    dynamodb, sqs = place.client("dynamodb"), place.client("sqs")
    deadline = time.monotonic() + bound
    quiet = 0
    while quiet < QUIET_SAMPLES:
        done = progress(place, dynamodb)
        now = depths()
        told(now, done.behind)
        drained = not any(now.values()) and done.behind == 0 and not done.open
        quiet = quiet + 1 if drained else 0
        if time.monotonic() > deadline:
            raise LocalCloudError(f"not drained {bound:.0f} s after the last request: {_what_hangs(place, sqs, now, done.behind)}")
        time.sleep(EVERY_SECONDS)
    if not dead_letters and (dead := _dead_letters(place, sqs)):
        raise LocalCloudError(f"messages failed and became dead letters: {dead}. The functions' logs say why")


def _what_hangs(place: Place, sqs: Any, depths: dict[str, int], behind: int) -> str:
    held = [f"{count} messages in {name}" for name, count in depths.items() if count]
    if behind:
        held.append(f"{behind} journal entries that no epoch has folded")
    dead = _dead_letters(place, sqs)
    return "; ".join(held + ([f"dead letters: {dead}"] if dead else [])) or "an epoch is still open"


def _dead_letters(place: Place, sqs: Any) -> str:
    found = {name: depth(sqs, queue["dead_letter_url"]).total for name, queue in place.outputs["queues"].items()}
    return ", ".join(f"{count} of {name}" for name, count in found.items() if count)
