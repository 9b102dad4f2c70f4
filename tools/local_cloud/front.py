"""What stands before all that listens on this machine for a run: no web page gets past it.

A page in the developer's browser can send requests to any loopback port: by the address, with an
`Origin` and `Sec-Fetch-Site` that name it, or by a name of its own that it lets point there ("DNS
rebinding"), which then stands in `Host`. A page cannot change these headers
(https://fetch.spec.whatwg.org/#forbidden-request-header), and nothing but a browser sends the first
two.

It imports nothing but the standard library: the emulator's process has another virtual environment
and loads it too.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from tools.common.loopback import PROOF_PATH, TOKEN_HEADER, proof

LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
OWN_SITES = {"same-origin", "none"}  # its own page, or a person who typed the address
BROWSER = "mozilla/"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Front:
    """The rules of one server.

    `token` is the run's. What matches `open_paths` any page may call, for what answers there has
    rules of its own; what matches `token_paths` needs the token.
    """

    token: str
    open_paths: re.Pattern[str]
    token_paths: re.Pattern[str]

    def refusal(self, path: str, headers: Iterable[tuple[str, str]]) -> str | None:
        """Why a request is refused, in words; None when it may pass. `path` is decoded."""
        given: dict[str, list[str]] = {}
        for name, value in headers:
            given.setdefault(name.lower(), []).append(value)
        hosts = given.get("host", [])
        if len(hosts) != 1 or not LOOPBACK.fullmatch(hosts[0]):
            return f"Host {', '.join(hosts)!r} is no name of this machine's loopback: say localhost or 127.0.0.1"
        if self.open_paths.match(path):
            return None
        sites = given.get("sec-fetch-site", [])
        foreign = [site for site in sites if site not in OWN_SITES]
        foreign += [origin for origin in given.get("origin", []) if origin.lower() != f"http://{hosts[0].lower()}"]
        if not sites and any(agent.lower().startswith(BROWSER) for agent in given.get("user-agent", [])):
            foreign.append("a browser that does not say which page asks")
        if foreign:
            return f"web pages have no access here ({', '.join(foreign)})"
        tokens = given.get(TOKEN_HEADER.lower(), [])
        if path != PROOF_PATH and self.token_paths.match(path) and not self._is_token(tokens):
            return f"this needs the token of the run, in {TOKEN_HEADER}: it stands in the run's state.json"
        return None

    def before(self, app: App) -> App:
        """An ASGI application behind these rules."""

        async def guarded(scope: Message, receive: Receive, send: Send) -> None:
            if scope["type"] not in ("http", "websocket"):
                await app(scope, receive, send)
                return
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            why = self.refusal(scope["path"], headers)
            if why is not None and scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": why})
            elif why is not None:
                await answer(send, 403, json.dumps({"message": why}))
            elif scope["path"] == PROOF_PATH:
                await answer(send, 200, proof(self.token, scope["query_string"].decode("latin-1")))
            else:
                await app(scope, receive, send)

        return guarded

    def _is_token(self, given: list[str]) -> bool:
        return len(given) == 1 and hmac.compare_digest(given[0].encode(), self.token.encode())


def of_emulator(token: str) -> Front:
    """The rules of the emulator, and of whatever passes calls on to it.

    Open are the deployed entrances (HTTP APIs, Function URLs, load balancers), which answer pages
    by their own CORS settings. The token opens the emulator's own doors: health, reset, settings,
    looking at messages, the functions' code.
    """
    return Front(token, re.compile(r"/(_aws/(execute-api|lambda-url)|_alb)/[^/]+/"), re.compile(r"/_"))


async def answer(send: Send, status: int, body: str) -> None:
    """Answer a request of an ASGI application with JSON."""
    content = body.encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
