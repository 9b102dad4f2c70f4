"""A pipeline's deployment with its clients kept: to make them is most of what a look costs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields
from typing import Any, Self

from tools.operations.deployment import Deployment

_MAKING = threading.Lock()  # making clients is not safe in several threads


@dataclass(frozen=True)
class Kept(Deployment):
    """A deployment that makes each client once, whoever asks."""

    _kept: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, deployment: Deployment, **more: Any) -> Self:
        """The same deployment, with clients kept; `more`: the fields that it has beside."""
        return cls(**{one.name: getattr(deployment, one.name) for one in fields(Deployment)}, **more)

    def client(self, service: str) -> Any:
        """The one client of a service; for several threads."""
        with _MAKING:
            if service not in self._kept:
                self._kept[service] = self._made(service)
        return self._kept[service]

    def _made(self, service: str) -> Any:
        return super().client(service)
