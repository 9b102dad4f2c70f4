"""Watches a pipeline while it works: queue depths over time, and whether all is through."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Self

from tools.common.errors import CommandError
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.traffic.queue_picture import Sample

EVERY_SECONDS = 0.4
QUIET_SAMPLES = 3  # one empty look may fall between two queues


class Watch:
    """Samples the depth of every queue in a thread of its own.

    It does so from `start` to `stop`, or within a `with`.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.samples: list[Sample] = []
        self._queues = deployment.outputs["queues"]
        self._sqs = deployment.client("sqs")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: Exception | None = None

    def start(self) -> None:
        """Begin to look."""
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._began

    @property
    def depths(self) -> dict[str, int]:
        """The latest depths. Raises what kept the watch from looking."""
        if self._error:
            raise CommandError(f"the queues cannot be looked at: {self._error}") from self._error
        return self.samples[-1].depths if self.samples else dict.fromkeys(self._queues, 0)

    def _look(self) -> dict[str, int]:
        return {name: depth(self._sqs, queue["url"]).total for name, queue in self._queues.items()}

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                self.samples.append(Sample(self.seconds, self._look()))
                self._ended.wait(EVERY_SECONDS)
        except Exception as error:  # told to whoever asks for the depths
            self._error = error


class Left(NamedTuple):
    """What is left to do behind the queues: how many, whether it is all `done`, and in words."""

    number: int
    done: bool
    words: str


def until_drained(
    deployment: Deployment,
    depths: Callable[[], dict[str, int]],
    left: Callable[[], Left],
    *,
    bound: float = 180.0,
    on_look: Callable[[dict[str, int], int], None] = lambda *_: None,
    dead_letters: bool = False,
) -> None:
    """Wait until the queues are empty and nothing is left behind them.

    `on_look` gets the depths and the number left, each time. After `bound` seconds raises
    CommandError: what hangs. Raises it for messages that became dead letters too, unless there may
    be `dead_letters`.
    """
    sqs = deployment.client("sqs")
    deadline = time.monotonic() + bound
    quiet = 0
    while quiet < QUIET_SAMPLES:
        behind = left()
        now = depths()
        on_look(now, behind.number)
        quiet = quiet + 1 if behind.done and not any(now.values()) else 0
        if time.monotonic() > deadline:
            hangs = _what_hangs(deployment, sqs, now, behind)
            raise CommandError(f"not drained {bound:.0f} s after the last request: {hangs}")
        time.sleep(EVERY_SECONDS)
    if not dead_letters and (dead := _dead_letters(deployment, sqs)):
        raise CommandError(f"messages failed and became dead letters: {dead}. The functions' logs say why")


def _what_hangs(deployment: Deployment, sqs: Any, depths: dict[str, int], left: Left) -> str:
    held = [f"{count} messages in {name}" for name, count in depths.items() if count]
    if left.number:
        held.append(left.words)
    if dead := _dead_letters(deployment, sqs):
        held.append(f"dead letters: {dead}")
    return "; ".join(held) or left.words


def _dead_letters(deployment: Deployment, sqs: Any) -> str:
    found = {name: depth(sqs, queue["dead_letter_url"]).total for name, queue in deployment.outputs["queues"].items()}
    return ", ".join(f"{count} of {name}" for name, count in found.items() if count)
