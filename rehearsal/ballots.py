"""Ballots over an environment's own HTTP API: good ones counted and read back, bad ones refused with the reason, none seen elsewhere.

Every environment votes on one title of the same name, each with another number of voters and another score.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operations.api import Answer, ask
from operations.place import Place
from operations.smoke import within
from votes.ballot import Code

SHARED = "rehearsal"
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Votes:
    """What one environment is sent: as many voters as its `place` in line, each with the same score for the first aspect."""

    place: Place
    number: int

    @property
    def own_title(self) -> str:
        return f"{SHARED}-{self.place.name}"

    @property
    def aspect(self) -> str:
        return str(self.place.outputs["settings"]["aspects"][0])

    @property
    def score(self) -> int:
        return int(self.place.outputs["settings"]["scale"]["lowest"]) + self.number

    def ballots(self, cast_at: str) -> list[dict[str, Any]]:
        """One ballot a voter on the shared title, and one on the environment's own."""
        voters = [(f"voter-{number}", SHARED) for number in range(self.number)] + [("voter", self.own_title)]
        return [
            {"voter_id": voter, "title_id": title, "votes": {self.aspect: self.score}, "ballot_id": f"{title}-{voter}", "cast_at": cast_at}
            for voter, title in voters
        ]


def post(votes: Votes) -> list[str]:
    """Send the good ballots twice, which must change nothing, with a bad one among them, and a bad one alone; problems."""
    good = votes.ballots(datetime.now(UTC).isoformat())
    bad = good[0] | {"votes": {votes.aspect: 99}, "ballot_id": "bad"}
    problems = []
    for attempt in ("first", "repeated"):
        answer = ask(votes.place, "POST", "/v1/ballots", {"ballots": [*good, bad]})
        accepted = [one["index"] for one in (answer.body or {}).get("accepted", [])]
        refused = [(one["index"], one["code"], bool(one["message"])) for one in (answer.body or {}).get("rejected", [])]
        if (answer.status, accepted, refused) != (202, list(range(len(good))), [(len(good), str(Code.BAD_SCORE), True)]):
            problems.append(f"{votes.place.name}: {len(good)} good ballots and a bad one, {attempt}, were answered {answer}")
    answer = ask(votes.place, "POST", "/v1/ballots", bad)
    if answer.status != 400 or str(Code.BAD_SCORE) not in answer.text:
        problems.append(f"{votes.place.name}: a score of 99 must be refused with 400 and {Code.BAD_SCORE}; it was answered {answer}")
    return problems


def read_back(votes: Votes) -> list[str]:
    """Wait, as long as a ballot may take at most, until the results are what was sent, no more and no less; problems."""
    deadline = time.monotonic() + within(votes.place)
    while True:
        problems = [
            f"{votes.place.name}: results of {title} must be {voters} votes of {votes.score}; the API says {answer}"
            for title, voters in ((SHARED, votes.number), (votes.own_title, 1))
            if not is_counted(answer := ask(votes.place, "GET", f"/v1/titles/{title}/results"), votes.aspect, votes.score, voters)
        ]
        if not problems or time.monotonic() > deadline:
            return problems
        time.sleep(POLL_SECONDS)


def is_counted(answer: Answer, aspect: str, score: int, voters: int) -> bool:
    """Whether results hold `voters` votes of that score for that aspect, and no other vote of any aspect."""
    if answer.status != 200 or answer.body is None:
        return False
    aspects = answer.body["aspects"]
    counted = {name: {at: n for at, n in found["histogram"].items() if n} for name, found in aspects.items() if found["votes"]}
    return bool(answer.body["voters"] == voters and counted == {aspect: {str(score): voters}})


def strangers(votes: Votes, others: Sequence[Votes]) -> list[str]:
    """Titles that only other environments voted on must be unknown to this one's API; problems."""
    answers = {other.own_title: ask(votes.place, "GET", f"/v1/titles/{other.own_title}/results") for other in others}
    return [
        f"{votes.place.name} must not know {title}, which only another environment voted on; its API says {answer}"
        for title, answer in answers.items()
        if answer.status != 404 or (answer.body or {}).get("code") != Code.UNKNOWN_TITLE
    ]
