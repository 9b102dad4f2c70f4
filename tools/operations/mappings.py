"""Event source mappings: which queue a function takes from, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tools.operations.deployment import Deployment
from tools.operations.findings import Finding, Invariant

ON = frozenset({"Creating", "Enabling", "Enabled", "Updating"})
GONE = "Gone"


class EventSourceMapping(NamedTuple):
    """A mapping by its UUID, the function that takes, and the queue's short name ("" unknown)."""

    function: str
    queue: str
    uuid: str


class State(NamedTuple):
    """Lambda's word for a mapping's state; since when (seconds since 1970); what its poller met."""

    name: str
    since: float | None
    problem: str = ""

    @property
    def is_on(self) -> bool:
        """Whether it takes messages, or is about to."""
        return self.name in ON


def mappings_of(deployment: Deployment, consumers: Mapping[str, str]) -> list[EventSourceMapping]:
    """Those that the outputs name: as `mappings`, by function, or as each function's own, by queue.

    `consumers`: queue → function.
    """
    queues = {function: queue for queue, function in consumers.items()}
    named = deployment.outputs.get("mappings") or {}
    found = [EventSourceMapping(function, queues.get(function, ""), uuid) for function, uuid in named.items()]
    if found:
        return found
    functions: Mapping[str, Any] = deployment.outputs["functions"]
    return [
        EventSourceMapping(name, queue, uuid)
        for name, function in functions.items()
        for queue, uuid in (function.get("mappings") or {}).items()
    ]


def state(lambda_: Any, uuid: str) -> State:
    """How a mapping is now."""
    try:
        answer = lambda_.get_event_source_mapping(UUID=uuid)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return State(GONE, None)
        raise
    modified, last = answer.get("LastModified"), str(answer.get("LastProcessingResult", ""))
    since = modified.timestamp() if modified else None
    return State(str(answer["State"]), since, last if last.startswith("PROBLEM") else "")


class Mappings(Invariant):
    """Every mapping is on."""

    def __init__(self, deployment: Deployment, consumers: Mapping[str, str]) -> None:
        self._deployment, self._lambda = deployment, deployment.client("lambda")
        self._mappings = mappings_of(deployment, consumers)

    def look(self) -> Iterator[Finding]:
        """Those that are off or gone, or whose poller may not poll, whenever that came about."""
        words = self._deployment.words
        for one in self._mappings:
            now = state(self._lambda, one.uuid)
            if now.name == GONE:
                cause = f"{one.function} takes nothing, its mapping is gone"
                yield Finding(cause, self._deployment.again, about=one.function)
            elif not now.is_on:
                cause = f"{one.function} takes nothing, its mapping is off"
                cure = f"make mapping {words} FUNCTION={one.function} ON=yes"
                yield Finding(cause, cure, since=now.since, about=one.function)
            elif now.problem:
                cause = f"Lambda cannot poll for {one.function} ({now.problem})"
                yield Finding(cause, self._deployment.again, about=one.function)
