"""A client of Lambda whose functions are handlers here."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from tools.simulation.aws import cloud
from tools.simulation.aws.calls import Call

Json = dict[str, Any]


class Lambda:
    """Runs handlers by the names of their functions; who watches the simulated services sees it."""

    def __init__(self, handlers: Mapping[str, Callable[[Json], Json]]) -> None:
        self._handlers = handlers

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Json:
        """The answer of an alias."""
        for watch in cloud.WATCHERS:
            watch(Call("lambda", "Invoke", {"FunctionName": FunctionName}, None))
        answer = self._handlers[FunctionName.split(":")[-2]](json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}
