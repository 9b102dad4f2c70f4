"""A deployed environment as a source: it is looked at, and nothing is done to it.

Depths are asked for with each snapshot. The rest is asked for once a minute, because CloudWatch
knows no more, and every metric costs. Nothing is asked between two snapshots: so a page that nobody
looks at costs nothing. No row, no message, no object and no line of a log is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import NamedTuple

from tools.bench import dollars
from tools.live.aws import law, metrics
from tools.live.aws.meter import HOUR_SECONDS, Meter
from tools.live.aws.metrics import AGE_SECONDS, FAILED, MINUTE, OLDEST, RAN, REFUSED, Points
from tools.live.aws.place import Place
from tools.live.flow import FUNCTION, QUEUE, Flow
from tools.live.local.nodes import edges
from tools.live.local.switches import IS_OFF, IS_ON, NONE
from tools.live.local.verdicts import told
from tools.live.source import About, Json, Source
from tools.operations import status
from tools.operations.mappings import mappings_of, state
from tools.operations.queues import depth

STEP_SECONDS, SLOW_SECONDS = 5.0, 60.0


class Slow(NamedTuple):
    """What is asked for once a minute: metrics; and by pipeline the dead letters of each queue, the
    word for each function's mapping, and the verdict.
    """

    points: Points
    dead: dict[str, dict[str, int]]
    mappings: dict[str, dict[str, str]]
    verdicts: dict[str, Json]


class AwsSource(Source):
    """The pipelines of one environment; `meter` counts what their clients ask."""

    def __init__(self, places: Sequence[Place], meter: Meter, now: Callable[[], float] = time.time) -> None:
        first = places[0].deployment
        self.about = About(first.name, str(first.outputs["account_id"]), (), STEP_SECONDS)
        self._places, self._meter, self._now = places, meter, now
        self._slow: Slow | None = None
        self._looked_at = float("-inf")
        self._a_look = self._a_slow_look = 0.0  # dollars

    def flows(self) -> Sequence[Flow]:
        """The pipelines as they are drawn."""
        return [place.flow for place in self._places]

    def sample(self) -> Json:
        """How all of it is now."""
        now, before = self._now(), self._meter.dollars
        slow = self._slow
        if slow is None or now - self._looked_at >= SLOW_SECONDS:
            slow = self._slow = self._look(now)
            self._looked_at = now
            self._a_slow_look = self._meter.dollars - before
        before = self._meter.dollars
        pipelines = {place.deployment.pipeline: _pipeline(place, slow) for place in self._places}
        self._a_look = self._meter.dollars - before
        return {"as_of": round(now * 1000), "pipelines": pipelines, "faults": [], "cost": self._cost(slow)}

    def _look(self, now: float) -> Slow:
        """What is asked for once a minute."""
        asked = [one for place in self._places for one in metrics.metrics_of(place)]
        points = metrics.read(self._places[0].deployment.client("cloudwatch"), asked, now)
        by_name = {place.deployment.pipeline: place for place in self._places}
        return Slow(
            points,
            {name: _dead(place) for name, place in by_name.items()},
            {name: _mappings(place) for name, place in by_name.items()},
            {name: _verdict(place) for name, place in by_name.items()},
        )

    def _cost(self, slow: Slow) -> Json:
        """Of looking: what the last looks asked, as often as an hour has them."""
        looks = self._a_look / STEP_SECONDS + self._a_slow_look / SLOW_SECONDS
        an_hour = looks * HOUR_SECONDS
        minute = datetime.fromtimestamp(slow.points.as_of, UTC).strftime("%H:%M UTC")
        text = (
            f"rates and ages are of the minute to {minute}; looking costs ${an_hour:.2f} an hour at list prices "
            f"({dollars.prices()['region']}), ${self._meter.dollars:.4f} so far"
        )
        return {"dollars_an_hour": round(an_hour, 4), "text": text}


def _pipeline(place: Place, slow: Slow) -> Json:
    """A pipeline's part of a snapshot; None is what nobody knows: the page has no such region."""
    name = place.deployment.pipeline
    found = _queues(place, slow) | _functions(place, slow)
    said = {
        "verdict": slow.verdicts[name],
        "law": law.law(slow.points, name),
        "nodes": found,
        "edges": edges(place.flow, found),
    }
    unknown = dict.fromkeys(("failures", "changes", "cost", "load"))
    return said | unknown | {"jobs": [], "extra": []}


def _queues(place: Place, slow: Slow) -> Json:
    """Queues as they are now; their dead letters and ages of the last minute's look."""
    name, sqs, found = place.deployment.pipeline, place.deployment.client("sqs"), dict[str, Json]()
    for queue, output in place.queues.items():
        now, oldest = depth(sqs, output["url"]), slow.points.newest(name, queue, OLDEST, AGE_SECONDS)
        found[f"{QUEUE}/{queue}"] = {
            **asdict(now),
            "dead": slow.dead[name][queue],
            "oldest_seconds": oldest.value if oldest else None,
            "oldest_as_of": round((oldest.at + MINUTE) * 1000) if oldest else None,
        }
    return found


def _functions(place: Place, slow: Slow) -> Json:
    """Functions, of the last minute that CloudWatch told of."""
    name, found = place.deployment.pipeline, dict[str, Json]()
    for function in place.functions:
        ran, failed, refused = (slow.points.of_the_minute(name, function, one) for one in (RAN, FAILED, REFUSED))
        mapping = slow.mappings[name].get(function, NONE)
        found[f"{FUNCTION}/{function}"] = {
            "rate": round(ran / MINUTE, 2),
            "busy": None,
            "errors": int(failed),
            "mapping": mapping,
            "as_of": round(slow.points.as_of * 1000),
            **_failing(mapping, int(failed), int(refused)),
        }
    return found


def _failing(mapping: str, failed: int, refused: int) -> Json:
    words = ["mapping is off"] if mapping == IS_OFF else []
    words += [f"failed ×{failed:,}"] if failed else []
    words += [f"throttled ×{refused:,}"] if refused else []
    return {"failing": ", ".join(words)} if words else {}


def _dead(place: Place) -> dict[str, int]:
    sqs = place.deployment.client("sqs")
    return {name: depth(sqs, queue["dead_letter_url"]).total for name, queue in place.queues.items()}


def _mappings(place: Place) -> dict[str, str]:
    """The word for the mapping of each function that has one."""
    client = place.deployment.client("lambda")
    there = mappings_of(place.deployment, place.ours.consumers)
    return {one.function: IS_ON if state(client, one.uuid).is_on else IS_OFF for one in there}


def _verdict(place: Place) -> Json:
    """What `make status` finds, without what only a reader of logs and rows can find."""
    return told(status.health(place.deployment, place.ours, from_outside=True), {})
