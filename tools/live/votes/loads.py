"""Ballots that the page sends: steadily, in a burst, or as the demonstration does."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from tools.common.errors import CommandError
from tools.live.local.loads import Going, Shape, paced
from tools.live.local.place import Place
from tools.traffic.client import Answer, Client, NotAnswered
from tools.traffic.votes import api, load
from tools.traffic.votes.bad_input import Request, ballots_request

REQUESTS_A_SECOND = 5.0  # steadily: each has as many ballots as the rate asks for
MOST_A_REQUEST = 500
REPLAYED_A_SECOND = 20.0
EXPECTED = (202, 400, 413, 415)  # of the demonstration's bad requests too
TRIES = 3  # of a request that nobody answered: its ballots may have been taken, and their stamps make them one

Told = Callable[[Iterable[str]], None]  # the ids that were accepted


def shapes(place: Place, told: Told) -> list[Shape]:
    """The ways to send ballots to a pipeline; what is accepted is told."""

    def steady(going: Going) -> None:
        _send(place, told, going, _steady(going))

    def burst(going: Going) -> None:
        _send(place, told, going, _burst(going))

    def replay(going: Going) -> None:
        _send(place, told, going, _replay(going))

    return [
        Shape("steady", "steady", (20, 5, 50, 100, 200), " ballots/s", steady),
        Shape("burst", "burst", (2_000, 500, 5_000), " ballots", burst),
        Shape("replay", "film votes", (2_000, 500, 5_000), " ballots", replay),
    ]


def _send(place: Place, told: Told, going: Going, requests: Iterable[Request]) -> None:
    with closing(Client(place.deployment.outputs["api_url"])) as client:
        for request in requests:
            if going.stopped.is_set():
                return
            _post(client, request, told, going)


def _post(client: Client, request: Request, told: Told, going: Going) -> None:
    try:
        answer = _answered(client, request)
    except CommandError as error:  # whether it was taken nobody knows: the law does not count on it
        going.took(0, len(request.ballots))
        going.trouble = str(error)[:300]
        return
    if answer.status not in EXPECTED:
        going.trouble = f"POST {api.BALLOTS} answered {answer.status}: {answer.body}"[:300]
    accepted = answer.body["accepted"] if answer.status == 202 else []
    told(one["ballot_id"] for one in accepted)
    going.took(len(accepted), max(1, len(request.ballots)) - len(accepted))


def _answered(client: Client, request: Request) -> Answer:
    """The answer; stamped ballots are sent again while there is none, or none of receive's.

    Raises NotAnswered.
    """
    stamped = bool(request.ballots) and all("ballot_id" in ballot for ballot in request.ballots)
    for _ in range(TRIES - 1 if stamped else 0):
        with suppress(NotAnswered):
            answer = client.call("POST", api.BALLOTS, request.body, request.content_type)
            if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return answer
    return client.call("POST", api.BALLOTS, request.body, request.content_type)


def _steady(going: Going) -> Iterator[Request]:
    drawn, wait = _drawn(), paced(going, REQUESTS_A_SECOND)
    size = max(1, round(going.rate / REQUESTS_A_SECOND))
    while wait():
        yield ballots_request([next(drawn) for _ in range(size)])


def _burst(going: Going) -> Iterator[Request]:
    drawn, left = _drawn(), int(going.rate)
    while left > 0:
        size = min(left, MOST_A_REQUEST)
        yield ballots_request([next(drawn) for _ in range(size)])
        left -= size


def _replay(going: Going) -> Iterator[Request]:
    """All that clients do wrong is in it."""
    seed = int(time.time())
    wait = paced(going, REPLAYED_A_SECOND)
    for request in load.build(seed, int(going.rate), datetime.now(UTC)).requests:
        if not wait():
            return
        yield request


def _drawn() -> Iterator[dict[str, Any]]:
    """Ballots of some thousand voters on films, by their real popularity."""
    rng = random.Random()  # noqa: S311 (not secret)
    films: Sequence[load.Film] = load.films()
    weights = [film.votes for film in films]
    while True:
        for film in rng.choices(films, weights, k=100):
            aspects = rng.sample(load.ASPECTS, rng.randint(1, len(load.ASPECTS)))
            votes = {aspect: min(5, max(1, round(rng.gauss(film.rating / 2, 0.8)))) for aspect in aspects}
            stamp = {"ballot_id": f"live-{secrets.token_hex(8)}", "cast_at": datetime.now(UTC).isoformat()}
            yield stamp | {"voter_id": f"live-{rng.randrange(5_000):04}", "title_id": film.title_id, "votes": votes}
