"""Whether each function takes from its queue: the states of the mappings, now and then."""

from __future__ import annotations

import time

from tools.live.local.place import Place
from tools.operations.mappings import GONE, ON, mappings_of

EVERY_SECONDS = 3.0
IS_ON, IS_OFF, NONE = "on", "off", "none"


class Switches:
    """One pipeline's mappings."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._mappings = mappings_of(place.deployment, place.ours.consumers)
        self._now: dict[str, str] = {}
        self._looked_at = float("-inf")

    def look(self) -> bool:
        """Look if it is time to; whether something has changed since the last look."""
        if time.monotonic() - self._looked_at < EVERY_SECONDS:
            return False
        self._looked_at = time.monotonic()
        states: dict[str, str] = {}
        for page in self._place.client("lambda").get_paginator("list_event_source_mappings").paginate():
            states |= {one["UUID"]: one["State"] for one in page["EventSourceMappings"]}
        before = self._now
        self._now = {one.function: IS_ON if states.get(one.uuid, GONE) in ON else IS_OFF for one in self._mappings}
        return bool(before) and before != self._now

    def of(self, function: str) -> str:
        """Of one function: "on", "off", or "none" where it takes from no queue."""
        return self._now.get(function, NONE)
