"""A deployment's own API, asked as a client would, with an answer in bounded time."""

from __future__ import annotations

import json
import re
import time
from typing import Any, NamedTuple
from urllib.parse import quote

import urllib3

from tools.common.errors import CommandError
from tools.common.text import visible
from tools.operations.deployment import Deployment

SECONDS = 15.0  # of one request; the HTTP API itself gives up after 30
TRIES, PAUSE_SECONDS = 3, 1.0
PASSING = (429, 502, 503, 504)


class Answer(NamedTuple):
    """Status and body; the body is None where it is no JSON object."""

    status: int
    body: dict[str, Any] | None
    text: str

    def __str__(self) -> str:
        return f"{self.status} {visible(' '.join(self.text.split()), 300)}"


def ask(deployment: Deployment, method: str, path: str, body: object = None, *, token: str = "") -> Answer:
    """Send one request, with a token if one is given, and return the answer, whatever it is.

    What passes (429, 502, 503, 504) is asked again, three times in all.

    Raises CommandError when the API cannot be reached.
    """
    url = address(deployment, method, path) + path + _account(deployment)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    sent: dict[str, Any] = {"headers": headers}
    if body is not None:
        sent = {"body": json.dumps(body), "headers": headers | {"content-type": "application/json"}}
    with urllib3.PoolManager(retries=False, timeout=SECONDS) as pool:
        for attempt in range(1, TRIES + 1):
            try:
                answer = _read(pool.request(method, url, **sent))
            except urllib3.exceptions.HTTPError as error:
                if attempt == TRIES:
                    why = f"{type(error).__name__}: {error}"
                    raise CommandError(
                        f"the API of {deployment.name} cannot be reached: {method} {url} ({why}). "
                        f"Was it applied?{_private(deployment)}"
                    ) from error
            else:
                if answer.status not in PASSING or attempt == TRIES:
                    return answer
            time.sleep(PAUSE_SECONDS)
    raise AssertionError("every last try returns or raises")


def address(deployment: Deployment, method: str, path: str) -> str:
    """Where a path is asked for: of Function URLs each has its own (`api_urls`, by route)."""
    for route, url in deployment.outputs.get("api_urls", {}).items():
        verb, _, pattern = route.partition(" ")
        if verb == method and re.fullmatch(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(pattern)), path):
            return str(url)
    return str(deployment.outputs["api_url"])


def _private(deployment: Deployment) -> str:
    if deployment.outputs.get("settings", {}).get("entrance") != "alb":
        return ""
    return " An internal load balancer answers in its own network alone, and any only whom alb.network.from names"


def _read(response: urllib3.BaseHTTPResponse) -> Answer:
    text = response.data.decode("utf-8", "replace")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    return Answer(response.status, body if isinstance(body, dict) else None, text)


def _account(deployment: Deployment) -> str:
    """What tells the emulator whose API an unsigned request asks; AWS tells by the address."""
    if deployment.endpoint is None:
        return ""
    scope = f"{deployment.outputs['account_id']}/20260101/{deployment.outputs['region']}/execute-api/aws4_request"
    return f"?X-Amz-Credential={quote(scope, safe='')}"
