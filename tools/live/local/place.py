"""A pipeline on this machine, as all that look at it have it: its deployment, with clients kept."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.pipeline import Pipeline as Operated

_MAKING = threading.Lock()  # making clients is not safe in several threads


@dataclass(frozen=True)
class Place:
    """One pipeline of a run. `ours`: what operations know of it."""

    deployment: Deployment
    run: Run
    ours: Operated
    _clients: dict[str, Any] = field(default_factory=dict)

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
        if service not in self._clients:
            with _MAKING:
                self._clients.setdefault(service, self.deployment.client(service))
        return self._clients[service]
