"""Ballots over an environment's own HTTP API.

Good ones are counted and read back, bad ones refused with the reason, none seen elsewhere. Every
environment votes on one title of the same name, each with another number of voters and another
score.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tools.operations.api import Answer, ask
from tools.operations.deployment import Deployment
from tools.operations.votes import catalogue
from tools.operations.votes.smoke import within
from votes.ballot import Code

Sign = Callable[[str], str]  # a voter's token
SHARED = "rehearsal"
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Votes:
    """What one environment is sent.

    As many voters as its `number` in line, each with the same score for the first aspect. `sign`
    makes their tokens, where the API asks for one.
    """

    deployment: Deployment
    number: int
    sign: Sign | None = None

    def cast(self, *ballots: dict[str, Any]) -> Answer:
        """Send ballots of one voter in a request."""
        token = self.sign(ballots[0]["voter_id"]) if self.sign else ""
        return ask(self.deployment, "POST", "/v1/ballots", {"ballots": ballots}, token=token)

    @property
    def own_title(self) -> str:
        """The title that only this environment votes on."""
        return f"{SHARED}-{self.deployment.name}"

    @property
    def aspect(self) -> str:
        """The aspect that is voted on."""
        return str(self.deployment.outputs["settings"]["aspects"][0])

    @property
    def score(self) -> int:
        """The score that all give."""
        return int(self.deployment.outputs["settings"]["scale"]["lowest"]) + self.number

    def ballots(self, cast_at: str) -> list[dict[str, Any]]:
        """One ballot a voter on the shared title, and one on the environment's own."""
        voters = [(f"voter-{number}", SHARED) for number in range(self.number)] + [("voter", self.own_title)]
        return [
            {
                "voter_id": voter,
                "title_id": title,
                "votes": {self.aspect: self.score},
                "ballot_id": f"{title}-{voter}",
                "cast_at": cast_at,
            }
            for voter, title in voters
        ]


def post(votes: Votes) -> list[str]:
    """Send good ballots, each with a bad one beside it, twice, and a bad one alone; problems.

    Their titles are listed first, as prod wants it. No request holds more than a voter may send.
    """
    catalogue.load(votes.deployment, "\n".join(["title_id", SHARED, votes.own_title, ""]))
    good = votes.ballots(datetime.now(UTC).isoformat())
    bad = good[0] | {"votes": {votes.aspect: 99}, "ballot_id": "bad"}
    problems = []
    for attempt, ballot in itertools.product(("first", "repeated"), good):
        answer = votes.cast(ballot, bad)
        body = answer.body or {}
        accepted = [one["index"] for one in body.get("accepted", [])]
        refused = [(one["index"], one["code"], bool(one["message"])) for one in body.get("rejected", [])]
        if (answer.status, accepted, refused) != (202, [0], [(1, str(Code.BAD_SCORE), True)]):
            problems.append(f"{votes.deployment.name}: a good ballot and a bad one, {attempt}, were answered {answer}")
    answer = votes.cast(bad)
    if answer.status != 400 or str(Code.BAD_SCORE) not in answer.text:
        problems.append(
            f"{votes.deployment.name}: a score of 99 must be refused with 400 and {Code.BAD_SCORE}; "
            f"it was answered {answer}"
        )
    return problems


def without_a_token(votes: Votes) -> list[str]:
    """Where tokens are asked for, who has none can withdraw nobody's vote; problems."""
    if not votes.sign:
        return []
    ballot = votes.ballots(datetime.now(UTC).isoformat())[0] | {"votes": {votes.aspect: None}}
    answer = ask(votes.deployment, "POST", "/v1/ballots", ballot)
    return [] if answer.status == 401 else [f"{votes.deployment.name} must refuse who has no token: {answer}"]


def read_back(votes: Votes) -> list[str]:
    """Wait until the results are what was sent, as long as a ballot may take at most; problems."""
    deadline = time.monotonic() + within(votes.deployment)
    while True:
        problems = []
        for title, voters in ((SHARED, votes.number), (votes.own_title, 1)):
            answer = ask(votes.deployment, "GET", f"/v1/titles/{title}/results")
            if not is_counted(answer, votes.aspect, votes.score, voters):
                wanted = f"results of {title} must be {voters} votes of {votes.score}"
                problems.append(f"{votes.deployment.name}: {wanted}; the API says {answer}")
        if not problems or time.monotonic() > deadline:
            return problems
        time.sleep(POLL_SECONDS)


def counted(votes: Votes) -> int:
    """How many voters the API counts now, on both titles."""
    titles = (SHARED, votes.own_title)
    answers = [ask(votes.deployment, "GET", f"/v1/titles/{title}/results") for title in titles]
    return sum(int((answer.body or {}).get("voters", 0)) for answer in answers)


def is_counted(answer: Answer, aspect: str, score: int, voters: int) -> bool:
    """Whether results hold `voters` votes of that score for that aspect, and no other vote."""
    if answer.status != 200 or answer.body is None:
        return False
    voted = {name: results["histogram"] for name, results in answer.body["aspects"].items() if results["votes"]}
    counted = {name: _without_zeros(histogram) for name, histogram in voted.items()}
    return bool(answer.body["voters"] == voters and counted == {aspect: {str(score): voters}})


def _without_zeros(histogram: dict[str, int]) -> dict[str, int]:
    return {score: count for score, count in histogram.items() if count}


def knows_no_titles_of(votes: Votes, others: Sequence[Votes]) -> list[str]:
    """Titles that only other environments voted on must be unknown to this one's API; problems."""
    answers = {
        other.own_title: ask(votes.deployment, "GET", f"/v1/titles/{other.own_title}/results") for other in others
    }
    return [
        f"{votes.deployment.name} must not know {title}, which only another environment voted on; its API says {answer}"
        for title, answer in answers.items()
        if answer.status != 404 or (answer.body or {}).get("code") != Code.UNKNOWN_TITLE
    ]
