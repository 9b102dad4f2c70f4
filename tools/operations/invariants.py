"""What must hold of any pipeline while it runs, whatever its load.

No new dead letter, no message older than the pipeline's latency allows, no new alarm; each pipeline
adds its own. Error rates are not among them: what fails and comes again is how a pipeline works.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

from tools.common.text import counted
from tools.operations.deployment import Deployment
from tools.operations.failing import Failing
from tools.operations.findings import Finding, Invariant
from tools.operations.garbage import Garbage
from tools.operations.mappings import Mappings
from tools.operations.pipeline import Pipeline
from tools.operations.queues import delay_seconds, depth, oldest_seconds

ALARMS_A_CALL = 100
# beside its own periods, until an alarm that was made or changed says something of the pipeline
SETTLES_SECONDS = 300
UNKNOWN_SECONDS = 300.0  # a queue whose pipeline says nothing, as its alarm


class Look(NamedTuple):
    """What one look found to be wrong, and what was seen, for people."""

    findings: list[Finding]
    seen: str


class Watch:
    """Looks at one deployment again and again, at what all pipelines have and at its own.

    `from_outside`: without what is to be read in logs, buckets and tables, or asked of functions;
    of that, alarms tell.
    """

    def __init__(self, deployment: Deployment, pipeline: Pipeline, *, from_outside: bool = False) -> None:
        self._invariants: list[Invariant] = [
            Mappings(deployment, pipeline.consumers),
            *([] if from_outside else [Failing(deployment)]),
            DeadLetters(deployment),
            *([] if from_outside else [Garbage(deployment)]),
            Ages(deployment, pipeline.consumers),
            *([] if from_outside else pipeline.invariants(deployment)),
            Alarms(deployment),
        ]

    def wrong(self) -> list[Finding]:
        """What is wrong now, causes first; a soak does not hold it against what runs then."""
        found = list(chain.from_iterable(invariant.wrong() for invariant in self._invariants))
        causes = {finding.about for finding in found if not finding.symptom}
        return [finding for finding in found if not (finding.symptom and finding.about in causes)]

    def look(self) -> Look:
        """Look once at everything."""
        findings: list[Finding] = []
        seen: list[str] = []
        for sentence in chain.from_iterable(invariant.look() for invariant in self._invariants):
            if isinstance(sentence, Finding):
                findings.append(sentence)
            else:
                seen.append(sentence)
        return Look(findings, "; ".join(seen))

    @property
    def well(self) -> str:
        """What to say where nothing is wrong."""
        return ", ".join(invariant.well for invariant in self._invariants if invariant.well)


class DeadLetters(Invariant):
    """No queue gets new dead letters."""

    well = "no dead letters"

    def __init__(self, deployment: Deployment) -> None:
        self._words, self._sqs = deployment.words, deployment.client("sqs")
        self._queues: dict[str, Any] = deployment.outputs["queues"]
        self._before = self._counts()

    def wrong(self) -> Iterator[Finding]:
        """Queues that hold dead letters."""
        for name, count in self._before.items():
            if count:
                yield Finding(f"{counted(count, 'dead letter')} in {name}", self._command(name))

    def look(self) -> Iterator[str]:
        """Compare with how many there were."""
        now = self._counts()
        for name, count in now.items():
            if (new := count - self._before[name]) > 0:
                yield Finding(f"{counted(new, 'new dead letter')} in {name}", self._command(name))
        yield f"{sum(now.values())} dead letters"

    def _counts(self) -> dict[str, int]:
        return {name: depth(self._sqs, queue["dead_letter_url"]).total for name, queue in self._queues.items()}

    def _command(self, queue: str) -> str:
        return f"make redrive {self._words} QUEUE={queue}"


class Ages(Invariant):
    """No message waits longer than the pipeline takes to work through a load.

    SQS leaves out of a standard queue's age all of messages received three times: those that fail.
    Of them, alarms tell (`Alarms`), and dead letters.
    """

    def __init__(self, deployment: Deployment, consumers: Mapping[str, str]) -> None:
        self._deployment, self._consumers, sqs = deployment, consumers, deployment.client("sqs")
        settings: dict[str, Any] = deployment.outputs.get("settings", {})
        self._queues: dict[str, Any] = deployment.outputs["queues"]
        limits = settings.get("oldest_seconds", dict.fromkeys(self._queues, UNKNOWN_SECONDS))
        self._limits = {name: float(seconds) for name, seconds in limits.items()}  # others may wait for ever
        self.well = "nothing waits too long"
        if "latency_seconds" in settings:
            latency = float(settings["latency_seconds"])
            self._limits = {name: latency + delay_seconds(sqs, queue["url"]) for name, queue in self._queues.items()}
            self.well = f"nothing waits over {latency:.0f} s"

    def look(self) -> Iterator[str]:
        """Compare the oldest message of each queue with its limit."""
        oldest: dict[str, float] = {}
        for name, queue in self._queues.items():
            age = oldest[name] = oldest_seconds(self._deployment, queue["url"], queue["name"]) or 0.0
            if age > (limit := self._limits.get(name, math.inf)):
                function = self._consumers.get(name, "")
                cause = f"the oldest message of {name} has waited {age:.0f} s, over {limit:.0f}"
                log = f"make logs {self._deployment.words}" + (f" FUNCTION={function}" if function else "")
                yield Finding(cause, log, since=time.time() - age, about=function, symptom=True)
        yield "oldest " + ", ".join(f"{name} {age:.0f} s" for name, age in oldest.items())


class Alarms(Invariant):
    """No alarm begins to ring; the local cloud has none."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._known = set(self._ringing())

    def wrong(self) -> Iterator[Finding]:
        """The alarms that ring."""
        for name in sorted(self._known):
            yield Finding(f"the alarm {name} rings", f"make logs {self._deployment.words}")

    def look(self) -> Iterator[str]:
        """Compare with those that rang."""
        ringing = self._ringing()
        for name in sorted(ringing.keys() - self._known):
            yield Finding(f"the alarm {name} rings: {ringing[name]}")
        self._known &= ringing.keys()  # one that was silent in between rings anew
        if self._deployment.endpoint is None:
            yield f"{len(ringing)} alarms ring"

    def _ringing(self) -> dict[str, str]:
        """The alarms that ring, with the reason.

        One that an apply made or changed must first see its own periods through.
        """
        if self._deployment.endpoint is not None:
            return {}
        names, ringing = list(self._deployment.outputs.get("alarms", ())), {}
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
