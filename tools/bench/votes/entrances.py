"""receive behind each entrance with tokens: the same requests, in the shape that each one sends.

Each event is parsed as Lambda's runtime does, because an ALB's is the smaller one.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from shared.entrance import Tokens
from votes import receive
from votes.settings import ReceiveSettings

Json = dict[str, Any]
ISSUER = "https://login.example.com/realms/voters"
CLAIMS = {"iss": ISSUER, "sub": "5f0c7a52-6c0f-4a0a-9a43-3f8f4c1f2b11", "aud": "votes", "scope": "openid votes"} | {
    "exp": 1795251600,
    "iat": 1795248000,
    "jti": "0b0f0f0e-7d0c-4a52-8a5e-1a1a1a1a1a1a",
    "azp": "votes-web",
}
TARGET_GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/votes/0123456789abcdef"


def works(events: Sequence[Json]) -> dict[str, Callable[[], None]]:
    """By entrance: all of an HTTP API's events, as it sends them, through a worker of its own."""
    shapes = {"http_api": http_api(events), "alb": alb(events)}
    texts = {kind: [json.dumps(event) for event in shaped] for kind, shaped in shapes.items()}
    return {kind: partial(_through, _worker(kind).handle, given) for kind, given in texts.items()}


def http_api(events: Sequence[Json]) -> list[Json]:
    """The events with the claims that API Gateway puts in."""
    jwt = {"jwt": {"claims": CLAIMS, "scopes": None}}
    return [{**one, "requestContext": {**one["requestContext"], "authorizer": jwt}} for one in events]


def alb(events: Sequence[Json]) -> list[Json]:
    """The events as an ALB sends them, with the token that its listener has verified."""
    parts = (json.dumps({"alg": "RS256", "kid": "1"}).encode(), json.dumps(CLAIMS).encode(), bytes(256))
    token = ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    return [
        {
            "requestContext": {"elb": {"targetGroupArn": TARGET_GROUP}},
            "httpMethod": "POST",
            "path": one["rawPath"],
            "multiValueQueryStringParameters": {},
            "multiValueHeaders": {name: [value] for name, value in one["headers"].items()}
            | {"authorization": [f"Bearer {token}"]},
            "body": one["body"],
            "isBase64Encoded": False,
        }
        for one in events
    ]


def _worker(kind: str) -> receive.Receive:
    """receive as shipped, on the clients of the worker that is there, behind that entrance."""
    here = receive._worker()
    said = here._config.model_dump() | {"entrance": kind, "voter_from": "token"}
    config = ReceiveSettings.model_construct(**said)
    config.scale, config.most_ballots = here._config.scale, here._config.most_ballots
    config.tokens = Tokens(issuer=ISSUER, audience=["votes"]) if kind == "alb" else None
    return receive.Receive(config, here._sqs, here._witnessing)


def _through(handle: Callable[[Json], Json], events: Sequence[str]) -> None:
    for event in events:
        handle(json.loads(event))
