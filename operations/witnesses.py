"""Conservation by witnesses: every ballot that left a line when it was accepted must leave one when it is settled."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from operations.place import Place


@dataclass
class Witnesses:
    """Hashed ids of ballots, by what their lines say."""

    accepted: set[str] = field(default_factory=set)
    settled: dict[str, set[str]] = field(default_factory=dict)  # outcome → hashes

    @property
    def missing(self) -> set[str]:
        """Accepted, and nothing has been heard of them since."""
        return self.accepted - set().union(*self.settled.values())


def read(place: Place) -> Witnesses:
    """Collect the witness lines of all functions."""
    found = Witnesses()
    logs = place.client("logs")
    for function in place.outputs["functions"].values():
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=function["log_group"], filterPattern='"witness"')
        for event in (event for page in pages for event in page["events"]):
            line = _parsed(event["message"])
            if line.get("witness") == "accepted":
                found.accepted.update(line["hashes"])
            elif line.get("witness") == "settled":
                found.settled.setdefault(line["outcome"], set()).update(line["hashes"])
    return found


def _parsed(message: str) -> dict[str, Any]:
    start = message.find("{")
    try:
        line = json.loads(message[start:]) if start >= 0 else {}
    except ValueError:
        return {}  # a line of the runtime, not of ours
    return line if isinstance(line, dict) else {}
