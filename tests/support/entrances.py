"""Requests in the shapes of the three entrances, as AWS makes their events."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import quote_plus

Json = dict[str, Any]
TARGET_GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/votes/0123456789abcdef"


def as_alb(event: Json, **headers: list[str]) -> Json:
    """An HTTP API's event as an ALB's that gives headers with all their values."""
    asked = event.get("queryStringParameters") or {}
    given = {name: [value] for name, value in (event.get("headers") or {}).items()}
    return {
        "requestContext": {"elb": {"targetGroupArn": TARGET_GROUP}},
        "httpMethod": event["requestContext"]["http"]["method"],
        "path": event["rawPath"],
        "multiValueQueryStringParameters": {quote_plus(k): [quote_plus(v)] for k, v in asked.items()},
        "multiValueHeaders": {**given, **headers},
        "body": event["body"] or "",
        "isBase64Encoded": event["isBase64Encoded"],
    }


def as_url(event: Json) -> Json:
    """An HTTP API's event as a Function URL's: it has no path parameters and no claims."""
    context = {"apiId": "url", "routeKey": "$default", "http": event["requestContext"]["http"]}
    left = {name: value for name, value in event.items() if name != "pathParameters"}
    return {**left, "routeKey": "$default", "requestContext": context}


def from_alb(reply: Json) -> Json:
    """An answer to an ALB as a client sees it, with one value a header."""
    assert reply.keys() == {"statusCode", "multiValueHeaders", "body", "isBase64Encoded"}
    headers = {name: value for name, (value,) in reply["multiValueHeaders"].items()}
    return {"statusCode": reply["statusCode"], "headers": headers, "body": reply["body"]}


def token(claims: object) -> str:
    """A token with these claims; whoever verifies signatures refuses it."""
    parts = (json.dumps({"alg": "RS256"}).encode(), json.dumps(claims).encode(), b"signature")
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
