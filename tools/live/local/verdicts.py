"""How a pipeline is, by what `make status` says of it, looked at beside the sampling.

A look takes a while: it asks functions of ours.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tools.live.flow import FUNCTION
from tools.live.law import BROKEN
from tools.live.local.rounds import Rounds
from tools.live.source import Json
from tools.operations.findings import Finding, verdict
from tools.operations.status import Health

EVERY_SECONDS = 10.0
NOT_LOOKED = "not looked yet"
SHARE = 0.3  # of the time that looking may take, on a machine that is slow


class Offered(NamedTuple):
    """A cure that a button may bring: what it says, and what it does."""

    label: str
    do: Callable[[], str]


Offer = Callable[[Finding], Offered | None]


def finding_id(finding: Finding) -> str:
    """A name for a finding's cure, the same for the same command."""
    return hashlib.sha256(finding.command.encode()).hexdigest()[:12]


class Verdicts:
    """One pipeline's. `look` says how it is; `offer` what cures a finding."""

    def __init__(self, look: Callable[[], Health], offer: Offer) -> None:
        self._look, self._offer = look, offer
        self._health: Health | None = None
        self._cures: dict[str, Offered] = {}
        self._rounds = Rounds(self._take, EVERY_SECONDS, SHARE)

    def now(self, troubles: Sequence[str] = ()) -> Json:
        """The latest verdict, for a snapshot; `troubles`: what the page itself cannot look at.

        Neither well nor not, `well` being None, before the first look is over.
        """
        found = [*filter(None, [self._rounds.ask(), *troubles])]
        health = self._health
        if found:
            findings = [Finding(f"the page cannot look at all of it ({one})") for one in found]
            health = Health([*(health.findings if health else ()), *findings], "")
        if health is None:
            return {"well": None, "text": NOT_LOOKED, "findings": []}
        return told(health, self._cures)

    def again(self) -> None:
        """Look now: something has changed."""
        self._rounds.again()

    def rest(self, resting: bool) -> None:
        """While nothing is on its way, look seldom."""
        self._rounds.rest(resting)

    def cure(self, cure_id: str) -> Offered | None:
        """The cure of that id, if a finding of late had it."""
        return self._cures.get(cure_id)

    def close(self) -> None:
        """Look no more."""
        self._rounds.close()

    def _take(self) -> None:
        health = self._look()
        offered = {finding_id(one): cure for one in health.findings if (cure := self._offer(one))}
        self._cures, self._health = offered, health


def told(health: Health, cures: Mapping[str, Offered]) -> Json:
    """How a pipeline is, as a snapshot has it; `cures`: what buttons may bring, by `finding_id`."""
    text = verdict(health.findings, health.well) if not health.findings else _not_well(health)
    findings = [_plain(one, cures.get(finding_id(one))) for one in health.findings]
    return {"well": not health.findings, "text": text, "findings": findings}


def _plain(finding: Finding, cure: Offered | None) -> Json:
    return {
        "text": str(finding),
        "command": finding.command,
        "since": None if finding.since is None else round(finding.since * 1000),
        "about": f"{FUNCTION}/{finding.about}" if finding.about else "",
        "cure": finding_id(finding) if cure else None,
        "cure_label": cure.label if cure else "",
    }


def with_law(verdict: Json, law: Json | None, lost: int) -> Json:
    """The verdict, not well where the law is broken: it is looked at more often."""
    if law is None or law["state"] != BROKEN:
        return verdict
    accepted = law["terms"][0]
    text = f"{lost:,} of {accepted['value']:,} {accepted['name']} found nowhere"
    finding = {"text": text, "command": "", "since": None, "about": "", "cure": None, "cure_label": ""}
    return {"well": False, "text": text, "findings": [finding, *verdict["findings"]]}


def _not_well(health: Health) -> str:
    first = health.findings[0]
    more = len(health.findings) - 1
    minutes = f" for {_ago(time.time() - first.since)}" if first.since is not None and not first.symptom else ""
    return f"{first}{minutes}{f', and {more} more' if more else ''}"


def _ago(seconds: float) -> str:
    for size, word in ((3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {word}{'s' if number > 1 else ''}"
    return f"{max(0, int(seconds))} s"
