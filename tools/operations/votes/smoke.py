"""`make smoke`: after an apply, does the environment refuse, take, count and answer?

Its own API and its own probe say so.

Nothing real is touched. A ballot that can never be taken goes through the API; one that is counted
is cast by the probe, by the alias that the API calls, on the title that the pipeline keeps for
itself; what it became is read through the API again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from rich.console import Console

from shared.entrance import BY_ITSELF
from tools.common.errors import CommandError
from tools.operations.api import Answer, ask
from tools.operations.deployment import Deployment
from tools.operations.invoke import invoke
from tools.operations.smoke import say_all
from tools.operations.votes import billed
from votes import reserved
from votes.ballot import Code

SPARE_SECONDS = 30.0  # beside the pipeline's latency and two slots: cold starts, a fold
ON_AWS, HERE = 2.0, 0.5  # seconds between two looks
RESULTS = f"/v1/titles/{reserved.TITLE}/results"
ASKS_RESULTS = {
    **BY_ITSELF,
    "rawPath": RESULTS,
    "pathParameters": {"title_id": reserved.TITLE},
    "headers": {},
    "requestContext": {"http": {"method": "GET", "path": RESULTS}},
}
CLOSED = {401: "a token", 403: "a signature or a token"}  # what the API asks for


def run(deployment: Deployment, console: Console) -> int:
    """Try it all and say what was seen; 1 with the reason when something is not as it should be.

    Takes bounded time.
    """
    return say_all(deployment, console, _seen(deployment))


def _seen(deployment: Deployment) -> Iterator[str]:
    yield _refused(deployment)
    before = _as_of(_results(deployment)[0])
    yield _counted(deployment, time.monotonic())
    yield _read_back(deployment, before)
    yield billed.tell(deployment)


def _refused(deployment: Deployment) -> str:
    """Two ballots that can never be taken are refused, each with its reason.

    Where the API asks for a token or a signature, by receive's alias.
    """
    settings = deployment.outputs["settings"]
    aspect, highest = settings["aspects"][0], int(settings["scale"]["highest"])
    bad = {"voter_id": "smoke", "title_id": "smoke", "votes": {aspect: highest + 1}}
    asked, how = {str(Code.BAD_SCORE): bad}, "by the API"
    asked[str(Code.UNKNOWN_TITLE)] = bad | {"title_id": reserved.TITLE, "votes": {aspect: highest}}
    wanted = list(asked)
    for reason, ballot in asked.items():  # one by one: a request may hold no more
        answer = ask(deployment, "POST", "/v1/ballots", ballot)
        if answer.status in CLOSED:
            how = f"by receive (the API asks for {CLOSED[answer.status]}: {answer.status})"
            # called as the probe calls it, for whom the title is open
            answer, wanted = _by_alias(deployment, "receive", reserved.request(ballot)), wanted[:1]
        if answer.status != 400 or _reasons(answer) != [reason]:
            raise CommandError(
                f"a ballot that can never be taken must be refused with 400 and {reason}; {how}: {answer}"
            )
        if reason == wanted[-1]:
            break
    return f"refused {how}, with the reason: {', '.join(wanted)}"


def _by_alias(deployment: Deployment, function: str, event: dict[str, Any]) -> Answer:
    response = invoke(deployment, function, event)
    text = str(response.get("body", ""))
    return Answer(int(response.get("statusCode", 0)), json.loads(text or "null"), text)


def _results(deployment: Deployment) -> tuple[Answer, str]:
    """The probe's title's, and who gave them: the API, or results by its alias where the API asks
    for a signature (a Function URL's all do).
    """
    answer = ask(deployment, "GET", RESULTS)
    if answer.status not in CLOSED:
        return answer, "the API"
    return _by_alias(deployment, "results", ASKS_RESULTS), "results"


def _reasons(answer: Answer) -> list[str]:
    details = (answer.body or {}).get("details")
    return [str(one.get("code")) for one in details.get("rejected", ())] if isinstance(details, dict) else []


def _counted(deployment: Deployment, began: float) -> str:
    """A ballot cast after `began` is counted: folded, and its title's tally is what it says."""
    limit, pause = within(deployment), HERE if deployment.endpoint else ON_AWS
    cast_by, counted_by = began + limit, began + 2 * limit
    cast = False
    while True:
        probe: dict[str, Any] = invoke(deployment, "probe", {})
        if probe.get("wrong"):
            raise CommandError(
                f"the probe's one vote is counted wrongly: {probe}. "
                f"`make recount ENV={deployment.name}` compares every title"
            )
        age, now = probe.get("age_seconds"), time.monotonic()
        if probe.get("counted") and probe.get("wrong") is False and age is not None and age <= now - began:
            return f"counted: a ballot cast {age:.0f} s ago by way of receive, both queues, the journal and the tally"
        if probe.get("cast") and not cast:
            cast, counted_by = True, now + limit
        if now > (counted_by if cast else cast_by):
            what = (
                "cast by it is not counted" if cast else "of its own, cast before, is not counted and holds up the next"
            )
            raise CommandError(f"a ballot {what} within {limit:.0f} s; the probe said {probe}")
        time.sleep(pause)


def _read_back(deployment: Deployment, before: str) -> str:
    """The results of the probe's title hold its one voter, as of a later fold than before."""
    answer, by = _results(deployment)
    body = answer.body or {}
    votes = [one.get("votes") for one in body.get("aspects", {}).values()]
    if answer.status != 200 or body.get("voters") != 1 or max(votes, default=0) != 1 or not _as_of(answer) > before:
        raise CommandError(f"GET {RESULTS} must show one voter, as of later than {before or 'never'}; it said {answer}")
    return f"read back by {by}: {body['voters']} voter, as of {body['as_of']}"


def _as_of(answer: Answer) -> str:
    """When the tally was fixed (RFC 3339 in UTC: texts compare as times), or "" for never."""
    return str((answer.body or {}).get("as_of") or "")


def within(deployment: Deployment) -> float:
    """Seconds within which a ballot that is accepted now must be counted."""
    settings = deployment.outputs["settings"]
    return float(settings["latency_seconds"]) + 2 * float(settings["slot_seconds"]) + SPARE_SECONDS
