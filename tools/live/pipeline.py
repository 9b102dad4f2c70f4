"""What a pipeline brings to the live page: `tools/live/<pipeline>/pipeline.py` has one of these as
PIPELINE.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.environment.pipeline_rooms import having, part
from tools.live.flow import Drawing
from tools.live.local.watched import Watched

ROOM = "tools.live"


@dataclass(frozen=True)
class Pipeline:
    """A pipeline on the page. `drawing`: its picture; `watch`: what looks at it on this machine.

    `page`: what the page below `/vote` is told, by the environment's outputs; empty: nothing.
    """

    drawing: Drawing
    watch: type[Watched]
    page: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None


def pipelines() -> dict[str, Pipeline]:
    """Those there are, by name, the default one first."""
    return {name: part(ROOM, name, "pipeline").PIPELINE for name in having(ROOM, "pipeline.py")}
