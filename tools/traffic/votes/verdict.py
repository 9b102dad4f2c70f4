"""Compares what the pipeline did with what was sent: answers, results, quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.traffic.client import Answer
from tools.traffic.votes.bad_input import Request
from tools.traffic.votes.direct_count import DirectCount, differences
from tools.traffic.votes.load import Load


@dataclass
class Verdict:
    """What was sent and what became of it. `problems` is empty when everything is as it must be."""

    counted: DirectCount = field(default_factory=DirectCount)
    sent: int = 0
    by_hand: int = 0
    accepted: int = 0
    repeats: int = 0
    rejected: int = 0
    refused_requests: int = 0
    expected_quarantine: Counter[str] = field(default_factory=Counter)  # distinct ballots by reason
    problems: list[str] = field(default_factory=list)
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    def add_answers(self, load: Load, requests: Sequence[Request], answers: Sequence[Answer]) -> None:
        """Take in what the API answered, noting every answer that is not the expected one."""
        for request, answer in zip(requests, answers, strict=True):
            self.sent += len(request.ballots)
            if answer.status != request.status or (answer.status != 202 and not isinstance(answer.body, dict)):
                self.problems.append(
                    f"{request.name}: answered {answer.status} instead of {request.status}: {str(answer.body)[:300]}"
                )
                continue
            answered = answer.body if answer.status == 202 else answer.body.get("details") or {}
            refused = {item["index"]: item["code"] for item in answered.get("rejected", [])}
            if refused != dict(request.refused):
                self.problems.append(f"{request.name}: rejected {refused} instead of {dict(request.refused)}")
            self.rejected += len(refused)
            self.refused_requests += answer.status != 202
            for item in answered.get("accepted", []):
                self._accept(load, request.ballots[item["index"]], item)

    def add_by_hand(self, load: Load) -> None:
        """Take in the messages put on the ingest queue by hand: nothing answers those."""
        self.by_hand += load.ballots_by_hand
        self.sent += load.ballots_by_hand
        self.expected_quarantine.update(load.by_hand_reasons)
        for ballot in load.by_hand_ballots:
            # the only ballot of its voter, so any stamp will do
            self.counted.add(ballot, "by-hand", "2026-01-01T00:00:00Z")

    def check_results(self, titles: Sequence[str], results: Sequence[dict[str, Any] | None]) -> int:
        """Compare every title's results with the direct count: how many statements differ."""
        wrong = []
        for title, one in zip(titles, results, strict=True):
            wrong += differences(self.counted, title, one)
        left_out = set(self.counted.titles()) - set(titles)
        wrong += [f"{title} was not asked for" for title in sorted(left_out)]
        self.problems += wrong
        return len(wrong)

    def check_quarantine(self, lines: Sequence[dict[str, Any]]) -> Counter[str]:
        """Distinct ballots and messages in quarantine by reason.

        Anything unexpected or missing is a problem.
        """
        distinct = {(line["reason"], _identity(line)) for line in lines}
        found = Counter(reason for reason, _ in distinct)
        if found != self.expected_quarantine:
            self.problems.append(f"quarantine holds {dict(found)} instead of {dict(self.expected_quarantine)}")
        return found

    @property
    def distinct_counted(self) -> int:
        """How many different ballots count."""
        return sum(len(ballots) for ballots in self.counted.ballots.values())

    @property
    def distinct(self) -> int:
        """How many different ballots were taken: by the API, each once, and by hand."""
        return self.accepted - self.repeats + self.by_hand

    def balance(self, quarantined: int, missing: int) -> str:
        """The sum that must come out; what does not is a problem, if it was none yet."""
        sides = f"{self.distinct_counted:,} counted + {quarantined:,} quarantined, {missing:,} missing"
        adds_up = self.distinct == self.distinct_counted + quarantined
        if not adds_up:
            self.problems.append(f"{self.distinct:,} distinct ballots are not {sides}")
        return f"{self.distinct:,} distinct ballots {'=' if adds_up else '≠'} {sides}"

    def _accept(self, load: Load, ballot: dict[str, Any], item: dict[str, Any]) -> None:
        self.accepted += 1
        if "cast_at" in ballot and (item["ballot_id"], item["cast_at"]) != (ballot["ballot_id"], ballot["cast_at"]):
            self.problems.append(f"ballot {ballot['ballot_id']} came back with another stamp: {item}")
        identity = (ballot["voter_id"], ballot["title_id"], item["ballot_id"])
        if identity in self._seen:
            self.repeats += 1
        elif reason := load.windows.get(ballot["title_id"]):
            self.expected_quarantine[reason] += 1
        if ballot["title_id"] not in load.windows:
            self.counted.add(ballot, item["ballot_id"], item["cast_at"])
        self._seen.add(identity)


def _identity(line: dict[str, Any]) -> str:
    ballot = line.get("ballot")
    if isinstance(ballot, dict):
        return str((ballot.get("voter_id"), ballot.get("title_id"), ballot.get("ballot_id")))
    return str(line.get("body", ballot))
