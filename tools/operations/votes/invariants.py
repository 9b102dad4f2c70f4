"""What must hold while ballots are counted, beside what holds of any pipeline.

No fold later than the pipeline's latency allows, every accepted witness settled, the probe's
ballots counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from tools.operations.conservation import Conservation
from tools.operations.deployment import Deployment
from tools.operations.findings import Finding, Invariant
from tools.operations.invoke import invoke
from tools.operations.queues import delay_seconds
from tools.operations.votes.progress import oldest_behind, progress


def invariants(deployment: Deployment) -> list[Invariant]:
    """The invariants of votes, as of now."""
    fate = "neither counted nor set aside"
    return [Folds(deployment), Conservation(deployment, "ballot", fate, ("ingest", "count")), Probe(deployment)]


class Folds(Invariant):
    """Every journal entry is folded in time."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._limit = _until_counted(deployment)
        # heads not folded yet, and when they were first seen
        self._unfolded: list[tuple[float, dict[int, int]]] = []

    def wrong(self) -> Iterator[Finding]:
        """How old the oldest entry is that no closed epoch holds."""
        dynamodb = self._deployment.client("dynamodb")
        done = progress(self._deployment, dynamodb)
        if (since := oldest_behind(self._deployment, dynamodb, done)) and time.time() - since > self._limit:
            age = time.time() - since
            cause = (
                f"{done.behind} journal entries are not folded, the oldest after {age:.0f} s, over {self._limit:.0f}"
            )
            yield self._finding(cause, since)

    def look(self) -> Iterator[str]:
        """Compare what is not folded with when it was first seen."""
        done, now = progress(self._deployment, self._deployment.client("dynamodb")), time.time()
        self._unfolded = [(seen, heads) for seen, heads in self._unfolded if _not_folded(heads, done.folded)]
        if waiting := _not_folded(done.last, done.folded):
            self._unfolded.append((now, waiting))
        lag = now - self._unfolded[0][0] if self._unfolded else 0.0
        if lag > self._limit:
            cause = (
                f"{done.behind} journal entries are not folded, the oldest seen {lag:.0f} s ago, over {self._limit:.0f}"
            )
            yield self._finding(cause, now - lag)
        yield f"epoch {done.epoch}, {done.behind} entries behind"

    def _finding(self, cause: str, since: float) -> Finding:
        command = f"make logs {self._deployment.words} FUNCTION=tally"
        return Finding(cause, command, since=since, about="tally", symptom=True)


class Probe(Invariant):
    """The ballot that the probe casts is counted in time, and rightly."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._limit = _until_counted(deployment)

    def wrong(self) -> tuple[Finding, ...]:
        """Nothing: whoever asks how it is casts no ballot; the next one decides."""
        return ()

    def look(self) -> Iterator[str]:
        """Ask the probe, which casts a ballot when its last one is counted."""
        answer = invoke(self._deployment, "probe", {})
        age, counted = answer.get("age_seconds"), answer.get("counted")
        if answer.get("wrong"):
            cure = f"make recount ENV={self._deployment.name}"
            yield Finding("the probe's one vote is counted wrongly", cure)
        if age is not None and not counted and age > self._limit:
            yield Finding(
                f"the ballot that the probe cast {age:.0f} s ago is not counted, after more than {self._limit:.0f}",
                f"make logs ENV={self._deployment.name} FUNCTION=probe",
            )
        yield f"probe counted, {age or 0:.0f} s" if counted else "probe waits"


def _not_folded(heads: dict[int, int], folded: dict[int, int]) -> dict[int, int]:
    """The shards of which something is not folded, with their heads."""
    return {shard: head for shard, head in heads.items() if head > folded.get(shard, 0)}


def _until_counted(deployment: Deployment) -> float:
    """Seconds within which an accepted ballot must be in the tallies."""
    delay = delay_seconds(deployment.client("sqs"), deployment.outputs["queues"]["tick"]["url"])
    return float(deployment.outputs["settings"]["latency_seconds"]) + delay
