"""`make smoke`: after an apply, does the environment refuse, take, count and answer? Told by its own API and its own probe.

Nothing real is touched. A ballot that can never be taken goes through the API; one that is counted is cast by the probe, by the
alias that the API calls, on the title that the pipeline keeps for itself; what it became is read through the API again.
"""

from __future__ import annotations

import json
import time
from typing import Any

from rich.console import Console

from devcloud.runs import LocalCloudError
from operations.api import Answer, ask
from operations.invoke import invoke
from operations.place import Place
from operations.queues import depth
from votes import reserved
from votes.ballot import Code

SPARE_SECONDS = 30.0  # beside the pipeline's latency and two slots: cold starts, a fold
ON_AWS, HERE = 2.0, 0.5  # seconds between two looks
RESULTS = f"/v1/titles/{reserved.TITLE}/results"


def run(place: Place, console: Console) -> int:
    """Try it all and say what was seen; 1 with the reason when something is not as it should be. Takes bounded time."""
    began = time.monotonic()

    def tell(text: str) -> None:
        console.print(f"{time.monotonic() - began:6.1f} s  {text}", soft_wrap=True, highlight=False, markup=False)

    tell(f"{place.name}: {place.outputs['votes_api_url']}")
    try:
        tell(_refused(place))
        before = _as_of(ask(place, "GET", RESULTS))
        tell(_counted(place, time.monotonic()))
        tell(_read_back(place, before))
    except LocalCloudError as failed:
        tell(f"FAILED: {failed}")
        for line in _where(place):
            tell(line)
        tell(f"go back: `make rollback ENV={place.name}`")
        return 1
    tell("all well")
    return 0


def _refused(place: Place) -> str:
    """Two ballots that can never be taken are refused, each with its reason; where the API asks for a token, by receive's alias."""
    settings = place.outputs["settings"]
    aspect, highest = settings["aspects"][0], int(settings["scale"]["highest"])
    bad = {"voter_id": "smoke", "title_id": "smoke", "votes": {aspect: highest + 1}}
    asked, how = {"ballots": [bad, bad | {"title_id": reserved.TITLE, "votes": {aspect: highest}}]}, "by the API"
    wanted = [str(Code.BAD_SCORE), str(Code.UNKNOWN_TITLE)]
    answer = ask(place, "POST", "/v1/ballots", asked)
    if answer.status in (401, 403):
        how = f"by receive (the API asks for a token: {answer.status})"
        asked, wanted = {"ballots": [bad]}, wanted[:1]  # called as the probe calls it, for whom the title is open
        said = invoke(place, "receive", reserved.request(asked))
        text = str(said.get("body", ""))
        answer = Answer(int(said.get("statusCode", 0)), json.loads(text or "null"), text)
    if answer.status != 400 or _reasons(answer) != wanted:
        raise LocalCloudError(f"ballots that can never be taken must be refused with 400 and {', '.join(wanted)}; {how}: {answer}")
    return f"refused {how}, with the reason: {', '.join(wanted)}"


def _reasons(answer: Answer) -> list[str]:
    details = (answer.body or {}).get("details")
    return [str(one.get("code")) for one in details.get("rejected", ())] if isinstance(details, dict) else []


def _counted(place: Place, began: float) -> str:
    """A ballot cast after `began` is counted: its entry is folded and its title's tally is what it says."""
    limit, pause = within(place), HERE if place.endpoint else ON_AWS
    cast_by, counted_by = began + limit, began + 2 * limit
    cast = False
    while True:
        said: dict[str, Any] = invoke(place, "probe", {})
        if said.get("wrong"):
            raise LocalCloudError(f"the probe's one vote is counted wrongly: {said}. `make recount ENV={place.name}` compares every title")
        age, now = said.get("age_seconds"), time.monotonic()
        if said.get("counted") and said.get("wrong") is False and age is not None and age <= now - began:
            return f"counted: a ballot cast {age:.0f} s ago by way of receive, both queues, the journal and the tally"
        if said.get("cast") and not cast:
            cast, counted_by = True, now + limit
        if now > (counted_by if cast else cast_by):
            what = "cast by it is not counted" if cast else "of its own, cast before, is not counted and holds up the next"
            raise LocalCloudError(f"a ballot {what} within {limit:.0f} s; the probe said {said}")
        time.sleep(pause)


def _read_back(place: Place, before: str) -> str:
    """The API's results of the probe's title hold its one voter, as of a later fold than before."""
    answer = ask(place, "GET", RESULTS)
    body = answer.body or {}
    votes = [one.get("votes") for one in body.get("aspects", {}).values()]
    if answer.status != 200 or body.get("voters") != 1 or max(votes, default=0) != 1 or not _as_of(answer) > before:
        raise LocalCloudError(f"GET {RESULTS} must show one voter, as of later than {before or 'never'}; it said {answer}")
    return f"read back by the API: {body['voters']} voter, as of {body['as_of']}"


def _as_of(answer: Answer) -> str:
    """When the tally was fixed (RFC 3339 in UTC, so that texts compare as times), or "" for never."""
    return str((answer.body or {}).get("as_of") or "")


def within(place: Place) -> float:
    """Seconds within which a ballot that is accepted now must be counted."""
    settings = place.outputs["settings"]
    return float(settings["latency_seconds"]) + 2 * float(settings["slot_seconds"]) + SPARE_SECONDS


def _where(place: Place) -> list[str]:
    """What may tell why: what is on the queues."""
    sqs, lines = place.client("sqs"), []
    for name, queue in place.outputs["queues"].items():
        now, dead = depth(sqs, queue["url"]), depth(sqs, queue["dead_letter_url"])
        lines.append(f"{name}: {now.waiting} waiting, {now.in_flight} in flight, {now.delayed} delayed, {dead.total} dead letters")
    return [*lines, f"see `make status ENV={place.name}` and `make logs ENV={place.name}`"]
