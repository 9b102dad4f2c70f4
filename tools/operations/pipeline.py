"""What a pipeline brings to the commands that all pipelines have: one object, in its own room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rich.console import Console

from tools.environment.pipeline_rooms import part
from tools.operations.deployment import Deployment
from tools.operations.findings import Invariant

ROOM = "tools.operations"


class MessageSummary(NamedTuple):
    """What a message is, in words, and how many items it holds."""

    kind: str
    items: int


class MessageToSend(NamedTuple):
    """A message that a quarantined object goes back as; `queue` is where to, in a word.

    `first` and `last` are the object's lines that are in it, from 1; `items` is 0 for a body that
    goes back as it was.
    """

    queue: str
    body: str
    first: int
    last: int
    items: int


class Unsendable(Exception):
    """An object that cannot go back to a queue; the message says why."""


@dataclass(frozen=True)
class Pipeline:
    """One pipeline, as status, redrive, rollback, smoke and soak need it.

    `items`: what its messages hold, in the plural. `consumers`: queue → the function that takes
    its messages. `rollback_order`: its functions in the order in which they go back.
    `messages_of` takes a quarantined object's text and raises Unsendable; `identity_of` takes a
    line of one, and is the same for the same item. `take_back`: for what goes back otherwise than
    as messages, what to do with quarantined objects (key → text) that are deleted after it; it says
    in a sentence what came of them. `before_redrive`: what to do with an object's text before its
    messages are sent.
    """

    items: str
    consumers: Mapping[str, str]
    rollback_order: Sequence[str]
    summary_of: Callable[[str], MessageSummary]
    messages_of: Callable[[str], list[MessageToSend]]
    identity_of: Callable[[Mapping[str, Any]], str]
    status: Callable[[Deployment], Iterator[str]]
    invariants: Callable[[Deployment], Sequence[Invariant]]
    smoke: Callable[[Deployment, Console], int]
    take_back: Callable[[Deployment, Mapping[str, str]], str] | None = None
    before_redrive: Callable[[Deployment, str], None] | None = None


def pipeline_of(name: str) -> Pipeline:
    """The one that a pipeline's room has; raises ModuleNotFoundError where it has none."""
    found: Pipeline = part(ROOM, name, "pipeline").PIPELINE
    return found
