"""A pipeline of which nothing is known but its outputs: what commands can do with any."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared import strict_json
from tools.operations import unknown_smoke
from tools.operations.conservation import FUNCTION, Conservation
from tools.operations.deployment import Deployment
from tools.operations.findings import Invariant
from tools.operations.pipeline import MessageSummary, MessageToSend, Pipeline, Unsendable


def unknown_pipeline(deployment: Deployment) -> Pipeline:
    """The pipeline that a deployment's outputs describe.

    A queue's consumer is the function that has a mapping of the queue's name.
    """
    functions: Mapping[str, Any] = deployment.outputs["functions"]
    return Pipeline(
        items="items",
        consumers={queue: name for name, function in functions.items() for queue in function.get("mappings") or ()},
        rollback_order=_rollback_order(deployment),
        summary_of=_summary_of,
        messages_of=_messages_of,
        identity_of=lambda line: json.dumps(line, sort_keys=True, default=repr),
        status=lambda _: iter(()),
        invariants=_invariants,
        smoke=unknown_smoke.run,
    )


def _rollback_order(deployment: Deployment) -> tuple[str, ...]:
    """What the outputs say of it: the order of the functions themselves is that of the alphabet."""
    order = deployment.outputs.get("rollback_order")
    return tuple(map(str, order)) if isinstance(order, list) else ()


def _summary_of(body: str) -> MessageSummary:
    try:
        strict_json.loads(body)
    except ValueError:
        return MessageSummary("not JSON", 1)
    return MessageSummary("JSON", 1)


def _messages_of(_: str) -> list[MessageToSend]:
    raise Unsendable("which queue it goes back to is not known of this pipeline")


def _invariants(deployment: Deployment) -> Sequence[Invariant]:
    return [Conservation(deployment)] if FUNCTION in deployment.outputs["functions"] else []
