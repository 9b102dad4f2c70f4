"""What stands before the page: no foreign page reads it or presses its buttons.

The local cloud's front refuses other names and pages; a button asks for more, since it may kill a
process: the page itself, or a program that has the run's token, and JSON, which no form can send.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tools.common.loopback import TOKEN_HEADER
from tools.local_cloud.front import App, Front

NOTHING = re.compile(r"(?!)")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


def policy(connect: str = "") -> str:
    """The content security policy; `connect`: an origin that the page may ask beside its own."""
    more = f"; connect-src 'self' {connect}" if connect else ""
    return f"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'{more}"


def guarded(app: App, token: str) -> App:
    """The application behind the front of a run with that token."""
    return Front(token, NOTHING, NOTHING).before(app)


def why_not(headers: Mapping[str, str], token: str) -> tuple[int, str] | None:
    """Status and words for a press of a button that is refused; None where it may be."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return 415, "say it in JSON, content-type: application/json"
    site = headers.get("sec-fetch-site")
    if site is not None:
        return None if site == "same-origin" else (403, f"only the page itself presses its buttons, not {site}")
    if hmac.compare_digest(headers.get(TOKEN_HEADER.lower(), "").encode(), token.encode()):
        return None
    return 403, f"a program needs the token of the run, in {TOKEN_HEADER}: it stands in the run's state.json"


class WithHeaders:
    """Adds the headers that every answer has; what is below `/vote` may ask the API too."""

    def __init__(self, app: ASGIApp, api: str = "") -> None:
        self._app, self._api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        of_vote = scope["path"].startswith("/vote")
        more = HEADERS | {"content-security-policy": policy(self._api if of_vote else "")}

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.setdefault("headers", [])
                named = {name.lower() for name, _ in given}
                given += [(name.encode(), value.encode()) for name, value in more.items()]
                if b"cache-control" not in named:
                    given.append((b"cache-control", b"no-cache"))
            await send(message)

        await self._app(scope, receive, sent)
