"""The law of a deployed pipeline: what its own check found, of witnesses alone, by their ids.

Where there is no such check, or it has said nothing for long, nobody knows: the page says nothing.
"""

from __future__ import annotations

from tools.live.aws.metrics import ACCEPTED, MISSING, WINDOW_SECONDS, Points
from tools.live.law import BROKEN, HOLDS, LEFT, RIGHT, Json
from tools.operations.conservation import FUNCTION as CONSERVATION


def law(points: Points, pipeline: str) -> Json | None:
    """As a snapshot has it."""
    accepted, missing = (points.newest(pipeline, CONSERVATION, name, WINDOW_SECONDS) for name in (ACCEPTED, MISSING))
    if accepted is None or missing is None:
        return None
    lost, number = int(missing.value), int(accepted.value)
    found = number - lost
    terms = [("accepted witnesses", number, LEFT), ("settled, or not due yet", found, RIGHT)]
    return {
        "state": BROKEN if lost else HOLDS,
        "text": f"witnesses: accepted {number:,} {'≠' if lost else '='} settled or not due yet {found:,}"
        + (f", {lost:,} missing" if lost else "")
        + ", by the deployed check",
        "terms": [{"name": name, "value": value, "side": side} for name, value, side in terms],
        "missing": lost,
        "unexpected": 0,
        "as_of": round(missing.at * 1000),
        "sample": [],
    }
