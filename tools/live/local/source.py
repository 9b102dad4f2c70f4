"""The local cloud as a source: everything can be looked at, and broken."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tools.live.flow import Flow, flow_of
from tools.live.local.messages import Peek
from tools.live.local.one import One
from tools.live.local.place import Place
from tools.live.pipeline import Pipeline
from tools.live.source import PEEK, About, Json, NotFound, Source

STEP_SECONDS = 0.5


class LocalSource(Source):
    """The pipelines of a run that is up."""

    def __init__(self, places: Sequence[Place], known: dict[str, Pipeline]) -> None:
        self.about = About("local", None, (PEEK,), STEP_SECONDS)
        self._peek = Peek(places)
        self._ones = {place.pipeline: One(place, known[place.pipeline]) for place in places}

    def flows(self) -> Sequence[Flow]:
        """The pipelines as they are drawn."""
        return [flow_of(name, one.ours.drawing, one.place.ours.consumers) for name, one in self._ones.items()]

    def sample(self) -> Json:
        """How all of it is now."""
        queues, now = self._peek.look(), time.time()
        pipelines = {name: one.sample(queues) for name, one in self._ones.items()}
        return {"as_of": round(now * 1000), "pipelines": pipelines, "faults": [], "cost": None}

    def peek(self, pipeline: str, queue: str) -> Json:
        """A queue's messages. Raises NotFound."""
        return self._one(pipeline).peek(queue)

    def close(self) -> None:
        """End what looks."""
        for one in self._ones.values():
            one.close()

    def _one(self, pipeline: str) -> One:
        if pipeline not in self._ones:
            raise NotFound(f"there is no pipeline {pipeline!r} here: {', '.join(self._ones)}")
        return self._ones[pipeline]
