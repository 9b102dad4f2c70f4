"""What a client asks of the votes API: to take ballots, and what a title's results are."""

from __future__ import annotations

from typing import Any

from tools.common.errors import CommandError
from tools.traffic.client import Answer, Client
from tools.traffic.votes.bad_input import Request

BALLOTS = "/v1/ballots"


def post(client: Client, request: Request) -> Answer:
    """Send ballots.

    Raises CommandError for an answer that is the API's own fault: no input may cause one.
    """
    answer = client.call("POST", BALLOTS, request.body, request.content_type)
    if answer.status >= 500:
        raise CommandError(f"POST {BALLOTS} answered {answer.status}: {str(answer.body)[:1000]}")
    return answer


def post_once(client: Client, request: Request) -> Answer:
    """Send ballots, whatever is answered. Raises NotAnswered."""
    return client.once("POST", BALLOTS, request.body, request.content_type)


def is_taken_in_part(answer: Answer) -> bool:
    """Whether some of the ballots are to be sent again: their queue was out of reach."""
    return answer.status == 202 and any(item["code"] == "queue-unavailable" for item in answer.body["rejected"])


def results(client: Client, title_id: str) -> dict[str, Any] | None:
    """The results of a title; None when the API does not know it.

    Raises CommandError for any other answer.
    """
    path = f"/v1/titles/{title_id}/results"
    answer = client.call("GET", path)
    if answer.status == 404 and answer.body.get("code"):
        return None
    if answer.status != 200:
        raise CommandError(f"GET {path} answered {answer.status}: {answer.body}")
    found: dict[str, Any] = answer.body
    return found
