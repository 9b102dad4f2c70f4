"""A pipeline on this machine, as all that look at it have it: its deployment, with clients kept."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Self

from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.pipeline import Pipeline as Operated

_MAKING = threading.Lock()  # making clients is not safe in several threads


class Kept(Deployment):
    """A deployment that keeps its clients. Who asks how it is makes new ones for every look, which
    is most of what a look costs.
    """

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """The same, with clients kept."""
        return cls(**{one.name: getattr(deployment, one.name) for one in fields(deployment)})

    def client(self, service: str) -> Any:
        """The one client of a service; for several threads."""
        with _MAKING:
            if service not in self._clients:
                self._clients[service] = super().client(service)
        return self._clients[service]

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}


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
            self._clients.setdefault(service, self.deployment.client(service))
        return self._clients[service]
