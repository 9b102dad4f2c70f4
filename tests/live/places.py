"""A pipeline as the live page has it, on clients that a test makes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tools.live.kept import Kept
from tools.live.local.messages import Held, Message, held
from tools.live.local.place import Place
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.pipeline import pipeline_of

NOW = 1_000_000.0
BOUND_SECONDS = 5.0


def place(pipeline: str, outputs: Mapping[str, Any], clients: Mapping[str, Any]) -> Place:
    """A pipeline with these outputs, reached by these clients and no others."""
    deployment = Deployment("local", dict(outputs), "http://127.0.0.1:1", {}, "token", pipeline)
    return Place(Kept.of(deployment, _kept=dict(clients)), Run(Path("/nowhere")), pipeline_of(pipeline))


def message(name: str, body: str, *, receives: int = 0, is_visible: bool = True) -> Message:
    """A message that was sent ten seconds ago."""
    return Message(name, body, NOW - 10, is_visible, receives, "", name)


def queues(**messages: list[Message]) -> dict[str, Held]:
    """What queues hold; `ingest_dead` is the queue "ingest-dead"."""
    return {name.replace("_", "-"): held(some, NOW) for name, some in messages.items()}


def until(holds: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + BOUND_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)
