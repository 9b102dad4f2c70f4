"""The figures of queues and functions, as a snapshot has them, and what passes along edges."""

from __future__ import annotations

from collections.abc import Mapping

from tools.live.flow import FUNCTION, Flow
from tools.live.local.messages import Held
from tools.live.local.tails import Tail
from tools.live.source import Json


def queue(live: Held, dead: Held) -> Json:
    """A queue's."""
    return {
        "waiting": live.waiting,
        "in_flight": live.in_flight,
        "delayed": live.delayed,
        "dead": dead.total,
        "oldest_seconds": None if live.oldest_seconds is None else round(live.oldest_seconds, 1),
    }


def function(tail: Tail, mapping: str, now: float, *, works: bool) -> Json:
    """A function's; `works`: messages that it took are in flight."""
    errors = tail.errors(now)
    said: Json = {
        "rate": tail.rate(now),
        "busy": max(tail.busy(now), float(works)),
        "errors": errors,
        "mapping": mapping,
    }
    if mapping == "off":
        return said | {"failing": "mapping is off"}
    return said | ({"failing": f"{tail.last_error} ×{errors}"} if errors else {})


def edges(flow: Flow, nodes: Mapping[str, Json]) -> Json:
    """How much passes along each edge a second: as often as the function at its end runs."""
    said: Json = {}
    for start, end in flow.edges:
        at = next((one for one in (start, end) if one.startswith(f"{FUNCTION}/")), "")
        said[f"{start}>{end}"] = nodes.get(at, {}).get("rate") or 0
    return said
