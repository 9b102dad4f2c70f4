"""What the smoke test of every pipeline says, line by line, and what it advises where one fails."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from rich.console import Console

from tools.common.errors import CommandError
from tools.common.text import MOST, visible
from tools.operations.deployment import Deployment
from tools.operations.queues import depth


def say_all(
    deployment: Deployment,
    console: Console,
    seen: Iterator[str],
    *,
    hints: Iterable[str] | None = None,
    most: int = MOST,
) -> int:
    """Say what is `seen`, as it is seen; 1 with the reason when something is not as it should be.

    `seen` tries the pipeline as it is gone through, and raises CommandError then. `hints` are what
    may tell why: what is on the queues, where none are given. `most`: characters of a line.
    """
    began = time.monotonic()

    def say(text: str) -> None:
        seconds = time.monotonic() - began
        console.print(f"{seconds:6.1f} s  {visible(text, most)}", soft_wrap=True, highlight=False, markup=False)

    say(f"{deployment.name}: {deployment.outputs['api_url']}")
    try:
        for line in seen:
            say(line)
    except CommandError as failed:
        say(f"FAILED: {failed}")
        for hint in hints or _on_the_queues(deployment):
            say(hint)
        say(f"go back: `make rollback {deployment.words}`")
        return 1
    say("all well")
    return 0


def _on_the_queues(deployment: Deployment) -> Iterator[str]:
    sqs, words = deployment.client("sqs"), deployment.words
    for name, queue in deployment.outputs["queues"].items():
        now, dead = depth(sqs, queue["url"]), depth(sqs, queue["dead_letter_url"])
        waiting = f"{now.waiting} waiting, {now.in_flight} in flight, {now.delayed} delayed"
        yield f"{name}: {waiting}, {dead.total} dead letters"
    yield f"see `make status {words}` and `make logs {words}`"
