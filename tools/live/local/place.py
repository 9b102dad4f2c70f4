"""A pipeline on this machine, as all that look at it have it: its deployment, with clients kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.live.kept import Kept
from tools.local_cloud.runs import Run
from tools.operations.pipeline import Pipeline as Operated


@dataclass(frozen=True)
class Place:
    """One pipeline of a run. `ours`: what operations know of it."""

    deployment: Kept
    run: Run
    ours: Operated

    @property
    def pipeline(self) -> str:
        """Its name."""
        return self.deployment.pipeline

    @property
    def queues(self) -> dict[str, Any]:
        """Its queues, by their short names, as the outputs have them."""
        return dict(self.deployment.outputs["queues"])

    @property
    def functions(self) -> dict[str, Any]:
        """Its functions, in the same way."""
        return dict(self.deployment.outputs["functions"])

    def client(self, service: str) -> Any:
        """The one client of a service; for several threads."""
        return self.deployment.client(service)
