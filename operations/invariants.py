"""What must hold while the pipeline runs, whatever its load: each look is compared with how it was when the watch began.

Conservation (witnesses), no new dead letter, no message and no fold older than the pipeline's latency allows, the probe's ballots
counted, no new alarm. Error rates are not among them: what fails and comes again is how the pipeline works.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from operations.invoke import invoke
from operations.place import Place
from operations.progress import progress
from operations.queues import depth, oldest_seconds

ALARMS_A_CALL = 100
SETTLES_SECONDS = 300  # beside its own periods, until an alarm that was made or changed says something of the pipeline
NOT_SEEN_HERE = "the local cloud has no CloudWatch metrics of queues and no alarms: ages are read from the queues, alarms are not looked at"


class Violation(str):
    """What is wrong, in a sentence; all else that a part of a look says is what it saw."""

    __slots__ = ()


class Look(NamedTuple):
    """What one look found: violations, each a sentence, and what was seen, for people."""

    violations: list[str]
    seen: str


class Watch:
    """Looks at one place again and again. What was wrong before it began is told by `before`, and is no violation."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._sqs, self._settings = place.client("sqs"), place.outputs["settings"]
        self._queues: dict[str, Any] = place.outputs["queues"]
        self._latency = float(self._settings["latency_seconds"])
        self._delays = {name: self._delay(queue["url"]) for name, queue in self._queues.items()}
        self._dead = self._dead_letters()
        self._missing = set(invoke(place, "conservation", {})["hashes"])
        self._ringing = set(self._in_alarm())
        self._unfolded: list[tuple[float, dict[int, int]]] = []  # heads not folded yet, and when they were first seen

    def before(self) -> list[str]:
        """What is wrong already: it is not held against what runs now."""
        return [
            *(f"{name} holds {n} dead letters: `make redrive ENV={self._place.name} QUEUE={name}`" for name, n in self._dead.items() if n),
            *([f"{len(self._missing)} witnesses are missing: `make conservation ENV={self._place.name}`"] if self._missing else []),
            *(f"the alarm {name} rings" for name in sorted(self._ringing)),
        ]

    def look(self) -> Look:
        """Look once at everything."""
        violations: list[str] = []
        seen: list[str] = []
        for part in (self._letters, self._ages, self._folds, self._conservation, self._probe, self._alarms):
            for said in part():
                (violations if isinstance(said, Violation) else seen).append(said)
        return Look(violations, "; ".join(seen))

    def _letters(self) -> Iterator[str]:
        now = self._dead_letters()
        for name, n in now.items():
            if n > self._dead[name]:
                yield Violation(f"{name} has {n - self._dead[name]} new dead letters: `make redrive ENV={self._place.name} QUEUE={name}`")
        yield f"{sum(now.values())} dead letters"

    def _ages(self) -> Iterator[str]:
        oldest: dict[str, float] = {}
        for name, queue in self._queues.items():
            age = oldest_seconds(self._place, queue["url"], queue["name"])
            oldest[name] = age or 0.0
            if (limit := self._latency + self._delays[name]) < oldest[name]:
                yield Violation(
                    f"the oldest message of {name} has waited {age:.0f} s, over {limit:.0f}: its consumer is slow, failing or off"
                )
        yield "oldest " + ", ".join(f"{name} {age:.0f} s" for name, age in oldest.items())

    def _folds(self) -> Iterator[str]:
        done, now = progress(self._place, self._place.client("dynamodb")), time.time()
        waiting = {shard: head for shard, head in done.heads.items() if head > done.folded.get(shard, 0)}
        self._unfolded = [one for one in self._unfolded if any(n > done.folded.get(shard, 0) for shard, n in one[1].items())]
        if waiting:
            self._unfolded.append((now, waiting))
        lag = now - self._unfolded[0][0] if self._unfolded else 0.0
        if (limit := self._latency + self._delays["tick"]) < lag:
            yield Violation(
                f"{done.behind} journal entries are not folded, the oldest seen {lag:.0f} s ago, over {limit:.0f}: see tally's log"
            )
        yield f"epoch {done.epoch}, {done.behind} entries behind"

    def _conservation(self) -> Iterator[str]:
        said = invoke(self._place, "conservation", {})
        if new := set(said["hashes"]) - self._missing:
            named = f"{min(new)} …): `make conservation ENV={self._place.name}`"
            yield Violation(f"{len(new)} accepted witnesses are not settled after {self._latency:.0f} s ({named}")
        if said["mappings_off"]:
            yield Violation(f"the mappings of {', '.join(said['mappings_off'])} are off: nobody takes their messages")
        yield f"{said['accepted']} witnesses, {said['missing']} missing"

    def _probe(self) -> Iterator[str]:
        said = invoke(self._place, "probe", {})
        age = said.get("age_seconds")
        if said.get("wrong"):
            yield Violation(f"the probe's one vote is counted wrongly: `make recount ENV={self._place.name}` compares every title")
        if age is not None and not said.get("counted") and age > (limit := self._latency + self._delays["tick"]):
            yield Violation(f"the ballot that the probe cast {age:.0f} s ago is not counted, after more than {limit:.0f}")
        yield "probe " + ("waits" if not said.get("counted") else f"counted, {age or 0:.0f} s")

    def _alarms(self) -> Iterator[str]:
        ringing = self._in_alarm()
        for name in sorted(set(ringing) - self._ringing):
            yield Violation(f"the alarm {name} rings: {ringing[name]}")
        self._ringing &= set(ringing)  # one that was silent in between rings anew
        if self._place.endpoint is None:
            yield f"{len(ringing)} alarms ring"

    def _dead_letters(self) -> dict[str, int]:
        return {name: depth(self._sqs, queue["dead_letter_url"]).total for name, queue in self._queues.items()}

    def _delay(self, url: str) -> float:
        return float(self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"].get("DelaySeconds", 0))

    def _in_alarm(self) -> dict[str, str]:
        """The alarms that ring, with the reason. One that an apply made or changed must first see its own periods through."""
        names, found = list(self._place.outputs["alarms"]), {}
        if self._place.endpoint is not None:
            return {}
        client = self._place.client("cloudwatch")
        for start in range(0, len(names), ALARMS_A_CALL):
            some = names[start : start + ALARMS_A_CALL]
            for alarm in client.describe_alarms(AlarmNames=some, StateValue="ALARM", MaxRecords=ALARMS_A_CALL)["MetricAlarms"]:
                if self._judged(alarm):
                    found[alarm["AlarmName"]] = str(alarm.get("StateReason", ""))
        return found

    def _judged(self, alarm: dict[str, Any]) -> bool:
        period = max([alarm.get("Period", 60), *(one.get("MetricStat", {}).get("Period", 60) for one in alarm.get("Metrics", ()))])
        since: datetime = alarm["AlarmConfigurationUpdatedTimestamp"]
        seconds = (datetime.fromtimestamp(time.time(), UTC) - since).total_seconds()
        return seconds > int(period) * int(alarm["EvaluationPeriods"]) + SETTLES_SECONDS
