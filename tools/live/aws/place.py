"""A pipeline of a deployed environment, as the page looks at it: its clients are kept, and every
request of theirs is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tools.live.aws.meter import Meter
from tools.live.flow import FUNCTION, Flow, name_of
from tools.live.kept import Kept
from tools.operations.pipeline import Pipeline as Operated


@dataclass(frozen=True)
class Counted(Kept):
    """A deployment whose requests a meter counts."""

    meter: Meter = field(default_factory=Meter)

    def _made(self, service: str) -> Any:
        client = super()._made(service)
        self.meter.watch(client)
        return client


class Place(NamedTuple):
    """One pipeline. `ours`: what operations know of it; `flow`: its picture."""

    deployment: Counted
    ours: Operated
    flow: Flow

    @property
    def queues(self) -> dict[str, Any]:
        """Its queues, by their short names, as the outputs have them."""
        return dict(self.deployment.outputs["queues"])

    @property
    def functions(self) -> dict[str, str]:
        """AWS's names of the functions that are drawn, by their short ones."""
        there = self.deployment.outputs["functions"]
        drawn = (name_of(node.id) for node in self.flow.nodes if node.kind == FUNCTION)
        return {name: there[name]["name"] for name in drawn if name in there}
