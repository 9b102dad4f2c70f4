"""Figures for the live page, as a run might have them: what tests and pictures of it begin with."""

from __future__ import annotations

from typing import Any

from tools.live.flow import FUNCTION, QUEUE, TARGET, Flow, flow_of
from tools.live.pipeline import pipelines
from tools.operations.pipeline import pipeline_of

MINUTE_MS = 60_000
NOON = 1_795_780_800_000  # ms since 1970


def _flows() -> tuple[Flow, ...]:
    return tuple(flow_of(name, one.drawing, pipeline_of(name).consumers) for name, one in pipelines().items())


FLOWS = _flows()
SHAPES = [
    {"name": "off", "label": "Off", "rates": []},
    {"name": "steady", "label": "Steady", "rates": [10, 100]},
    {"name": "burst", "label": "Burst", "rates": [5000], "unit": ""},
    {"name": "replay", "label": "Replay the film data", "rates": []},
]
FAULTS = {
    "kill": (
        "Kill a worker",
        "The count queue grows, nothing is lost, and it is drained within one visibility timeout.",
    ),
    "throttle": ("Throttle the table", "Writes are refused and tried again: slower, and still each counts once."),
    "cut": ("Cut the count queue", "Process cannot send: ingest keeps what it has, and its age grows."),
}


def law(state: str = "holds", missing: int = 0, sample: tuple[str, ...] = ()) -> dict[str, Any]:
    """The law of votes, of which so many are missing."""
    right = {"counted": 17_950 - missing, "superseded": 12, "quarantined": 31, "queued": 211}
    terms = [{"name": "accepted", "value": 18_204, "side": "left"}]
    terms += [{"name": name, "value": value, "side": "right"} for name, value in right.items()]
    text = f"accepted 18,204 = {' + '.join(f'{name} {value:,}' for name, value in right.items())}"
    return {"state": state, "text": text, "terms": terms, "missing": missing, "unexpected": 0, "as_of": NOON} | {
        "sample": list(sample)
    }


def group(cause: str, count: int, **more: Any) -> dict[str, Any]:
    """Failures of one cause."""
    named = {"id": cause.lower().replace(" ", "-"), "cause": cause, "where": "write.py:88", "count": count}
    times = {"first": NOON - MINUTE_MS, "last": NOON, "queue": "count", "kind": "dead", "parked": False, "again": 0}
    return named | times | more


def fault(name: str, left: float | None = None, observed: str = "") -> dict[str, Any]:
    """A fault; on where seconds of it are left."""
    label, expect = FAULTS[name]
    told = {"name": name, "label": label, "pipelines": ["votes"], "on": left is not None}
    return told | {"left_seconds": left, "expect": expect, "observed": observed}


def snapshot() -> dict[str, Any]:
    """A run under load, on which all is well."""
    each = {flow.pipeline: _pipeline(flow) for flow in FLOWS}
    each["votes"] |= {"law": law(), "cost": _cost(), "load": load()}
    return {"pipelines": each, "faults": [fault(name) for name in FAULTS], "cost": None}


def load(shape: str = "steady", rate: int = 100) -> dict[str, Any]:
    """What is sent in."""
    return {"shape": shape, "rate": rate, "shapes": SHAPES, "sent": 18_204, "refused": 0}


def _cost() -> dict[str, Any]:
    text = "The emulator's counts at list prices of us-east-1; AWS would take larger batches, which cost less."
    return {"dollars": 0.0451, "a_million": 2.47, "plain_a_million": 4.39, "text": text}


def _pipeline(flow: Flow) -> dict[str, Any]:
    return {
        "verdict": {"well": True, "text": "All is well: nothing is late, nothing failed.", "findings": []},
        "law": None,
        "nodes": {node.id: _node(node.kind, number) for number, node in enumerate(flow.nodes)},
        "edges": {f"{start}>{end}": 40.0 for start, end in flow.edges},
        "failures": [],
        "jobs": [],
        "changes": [{"at": NOON - MINUTE_MS, "text": "write was released, version 7"}],
        "extra": [{"name": "ballots counted", "value": 96.4, "unit": "/s"}],
        "cost": None,
        "load": None,
    }


def _node(kind: str, number: int) -> dict[str, Any]:
    if kind == QUEUE:
        waiting = (12, 640, 3, 0, 48)[number % 5]
        return {"waiting": waiting, "in_flight": number, "delayed": 0, "dead": 0, "oldest_seconds": 0.4 * number}
    if kind == FUNCTION:
        return {"rate": 96.4 - number, "busy": number % 4, "errors": 0, "mapping": "on"}
    if kind == TARGET:
        return {"latency_ms": 18, "rate": 40.0, "connections": 2}
    return {"count": 4_321 * number, "rate": 90.0}
