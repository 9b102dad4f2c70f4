"""What must hold of any pipeline while it runs, whatever its load.

No new dead letter, no message older than the pipeline's latency allows, no new alarm; each pipeline
adds its own. Error rates are not among them: what fails and comes again is how a pipeline works.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple, Protocol

from tools.operations.deployment import Deployment
from tools.operations.queues import delay_seconds, depth, oldest_seconds

ALARMS_A_CALL = 100
# beside its own periods, until an alarm that was made or changed says something of the pipeline
SETTLES_SECONDS = 300


class Violation(str):
    """What is wrong, in a sentence; all else that an invariant says is what it saw."""

    __slots__ = ()


class Invariant(Protocol):
    """Made when the watch begins: what is wrong by then is no violation."""

    def before(self) -> Iterable[str]:
        """What was wrong already, a sentence each."""

    def look(self) -> Iterator[str]:
        """Look once: violations, and what was seen."""


class Look(NamedTuple):
    """What one look found: violations, each a sentence, and what was seen, for people."""

    violations: list[str]
    seen: str


class Watch:
    """Looks at one deployment again and again, at what all pipelines have and at its `own`."""

    def __init__(self, deployment: Deployment, own: Sequence[Invariant]) -> None:
        self._invariants: list[Invariant] = [DeadLetters(deployment), Ages(deployment), *own, Alarms(deployment)]

    def before(self) -> list[str]:
        """What is wrong already: it is not held against what runs now."""
        return list(chain.from_iterable(invariant.before() for invariant in self._invariants))

    def look(self) -> Look:
        """Look once at everything."""
        violations: list[str] = []
        seen: list[str] = []
        for sentence in chain.from_iterable(invariant.look() for invariant in self._invariants):
            (violations if isinstance(sentence, Violation) else seen).append(sentence)
        return Look(violations, "; ".join(seen))


class DeadLetters:
    """No queue gets new dead letters."""

    def __init__(self, deployment: Deployment) -> None:
        self._words, self._sqs = deployment.words, deployment.client("sqs")
        self._queues: dict[str, Any] = deployment.outputs["queues"]
        self._before = self._counts()

    def before(self) -> Iterator[str]:
        """Queues that hold dead letters."""
        for name, count in self._before.items():
            if count:
                yield f"{name} holds {count} dead letters: {self._command(name)}"

    def look(self) -> Iterator[str]:
        """Compare with how many there were."""
        now = self._counts()
        for name, count in now.items():
            if (new := count - self._before[name]) > 0:
                yield Violation(f"{name} has {new} new dead letters: {self._command(name)}")
        yield f"{sum(now.values())} dead letters"

    def _counts(self) -> dict[str, int]:
        return {name: depth(self._sqs, queue["dead_letter_url"]).total for name, queue in self._queues.items()}

    def _command(self, queue: str) -> str:
        return f"`make redrive {self._words} QUEUE={queue}`"


class Ages:
    """No message waits longer than the pipeline's latency and its queue's delay, or than its
    settings say (oldest_seconds, by queue); a pipeline that says neither may let messages wait.

    A standard queue of AWS does not tell of messages received three times: those that fail. Of
    them, alarms tell (`Alarms`), and dead letters.
    """

    def __init__(self, deployment: Deployment) -> None:
        self._deployment, sqs = deployment, deployment.client("sqs")
        settings: dict[str, Any] = deployment.outputs["settings"]
        self._queues: dict[str, Any] = deployment.outputs["queues"]
        self._limits = {name: float(seconds) for name, seconds in settings.get("oldest_seconds", {}).items()}
        if "latency_seconds" in settings:
            latency = float(settings["latency_seconds"])
            self._limits = {name: latency + delay_seconds(sqs, queue["url"]) for name, queue in self._queues.items()}

    def before(self) -> Iterable[str]:
        """Nothing: what is too old then is too old now."""
        return ()

    def look(self) -> Iterator[str]:
        """Compare the oldest message of each queue with its limit."""
        oldest: dict[str, float] = {}
        for name, queue in self._queues.items():
            age = oldest[name] = oldest_seconds(self._deployment, queue["url"], queue["name"]) or 0.0
            if age > (limit := self._limits.get(name, math.inf)):
                yield Violation(
                    f"the oldest message of {name} has waited {age:.0f} s, over {limit:.0f}: "
                    "its consumer is slow or off"
                )
        yield "oldest " + ", ".join(f"{name} {age:.0f} s" for name, age in oldest.items())


class Alarms:
    """No alarm begins to ring; the local cloud has none."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._known = set(self._ringing())

    def before(self) -> Iterator[str]:
        """The alarms that ring."""
        for name in sorted(self._known):
            yield f"the alarm {name} rings"

    def look(self) -> Iterator[str]:
        """Compare with those that rang."""
        ringing = self._ringing()
        for name in sorted(ringing.keys() - self._known):
            yield Violation(f"the alarm {name} rings: {ringing[name]}")
        self._known &= ringing.keys()  # one that was silent in between rings anew
        if self._deployment.endpoint is None:
            yield f"{len(ringing)} alarms ring"

    def _ringing(self) -> dict[str, str]:
        """The alarms that ring, with the reason.

        One that an apply made or changed must first see its own periods through.
        """
        if self._deployment.endpoint is not None:
            return {}
        names, ringing = list(self._deployment.outputs["alarms"]), {}
        client = self._deployment.client("cloudwatch")
        for start in range(0, len(names), ALARMS_A_CALL):
            some = names[start : start + ALARMS_A_CALL]
            answer = client.describe_alarms(AlarmNames=some, StateValue="ALARM", MaxRecords=ALARMS_A_CALL)
            for alarm in answer["MetricAlarms"]:
                if _is_settled(alarm):
                    ringing[alarm["AlarmName"]] = str(alarm.get("StateReason", ""))
        return ringing


def _is_settled(alarm: dict[str, Any]) -> bool:
    periods = [one.get("MetricStat", {}).get("Period", 60) for one in alarm.get("Metrics", ())]
    period = max([alarm.get("Period", 60), *periods])
    since: datetime = alarm["AlarmConfigurationUpdatedTimestamp"]
    seconds = (datetime.fromtimestamp(time.time(), UTC) - since).total_seconds()
    return seconds > int(period) * int(alarm["EvaluationPeriods"]) + SETTLES_SECONDS
