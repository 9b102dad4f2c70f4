"""What a pipeline brings to `make up`: what stands in for others' services, and what to say then.

`tools/local_cloud/<pipeline>/pipeline.py` has one of these as PIPELINE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.environment.pipeline_rooms import having, part
from tools.local_cloud.runs import Run

ROOM = "tools.local_cloud"

Sign = Callable[[str], str]  # a subject's token, for the pipeline's own API


@dataclass(frozen=True)
class Pipeline:
    """A pipeline on this machine.

    `lines`: what a person is told when it is up, from its outputs, and from who signs tokens where
    its API asks for one. `stand_ins`: servers for what the emulator does not have, by name; each is
    started beside a run whose emulator is up (one that runs already is kept), and returns what
    environments/local has otherwise then, as `staged` takes it.
    """

    lines: Callable[[Mapping[str, Any], Sign | None], Iterator[str]]
    stand_ins: Mapping[str, Callable[[Run], Mapping[str, Any]]] = field(default_factory=dict)


def pipelines() -> dict[str, Pipeline]:
    """Those that bring something, by name."""
    return {name: part(ROOM, name, "pipeline").PIPELINE for name in having(ROOM, "pipeline.py")}
