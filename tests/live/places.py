"""A pipeline as the live page has it, on clients that a test makes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.environment.pipeline_rooms import part
from tools.live.local.messages import Held, Message, held
from tools.live.local.place import Place
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment

NOW = 1_000_000.0


def place(pipeline: str, outputs: Mapping[str, Any], clients: Mapping[str, Any]) -> Place:
    """A pipeline with these outputs, reached by these clients and no others."""
    deployment = Deployment("local", dict(outputs), "http://127.0.0.1:1", {}, "token", pipeline)
    ours = part("tools.operations", pipeline, "pipeline").PIPELINE
    return Place(deployment, Run(Path("/nowhere")), ours, dict(clients))


def message(name: str, body: str, *, receives: int = 0, is_visible: bool = True) -> Message:
    """A message that was sent ten seconds ago."""
    return Message(name, body, NOW - 10, is_visible, receives, "", name)


def queues(**messages: list[Message]) -> dict[str, Held]:
    """What queues hold; `ingest_dead` is the queue "ingest-dead"."""
    return {name.replace("_", "-"): held(some, NOW) for name, some in messages.items()}
