"""`python -m tools.local_cloud.vendor.process PORT DESCRIPTOR`: the stand-in of a vendor for a run.

Started by tools.local_cloud.vendor.stand_in, which bound the socket, in the emulator's virtual
environment. Its API is open to programs of this machine that have one of its tokens; its own doors,
under /_vendor, need the run's.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tools.common.loopback import TOKEN_VARIABLE
from tools.local_cloud.front import Front, Message, Receive, Send, answer
from tools.local_cloud.serving import serve
from tools.local_cloud.vendor.judge import judge
from tools.local_cloud.vendor.settings import Settings
from tools.local_cloud.vendor.vendor import Vendor

SECRET_VARIABLE = "VENDOR_CLIENT_SECRET"  # noqa: S105 (a variable's name)
DOORS = "/_vendor"
MOST_BYTES = 1_000_000

Json = dict[str, Any]


class Served:
    """An ASGI application: the vendor's API, and its own doors."""

    def __init__(self, client_secret: str) -> None:
        self._secret = client_secret
        self._vendor = Vendor(Settings(), time.time, client_secret)
        self._doors: dict[str, Callable[[Json], Json]] = {
            f"{DOORS}/health": lambda _: {"calls": len(self._vendor.log)},
            f"{DOORS}/begin": self._begin,
            f"{DOORS}/change": self._change,
            f"{DOORS}/group": self._group,
            f"{DOORS}/revoke": self._revoke,
            f"{DOORS}/log": lambda asked: {"calls": [list(seen) for seen in self._vendor.log[_whole(asked, "from") :]]},
            f"{DOORS}/judge": lambda asked: asdict(judge(self._vendor, float(asked.get("since", 0)))),
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request; nothing but HTTP is spoken."""
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = await _body(receive)
        if scope["path"].startswith(f"{DOORS}/"):
            await self._opened(scope["path"], body, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        told = self._vendor.answer(scope["method"], target, headers, body or b"")
        await asyncio.sleep(told.latency)
        sent = [(name.encode(), value.encode("latin-1")) for name, value in told.headers.items() if name != "date"]
        sent.append((b"content-length", b"%d" % len(told.body)))
        await send({"type": "http.response.start", "status": told.status, "headers": sent})
        await send({"type": "http.response.body", "body": told.body})

    async def _opened(self, path: str, body: bytes | None, send: Send) -> None:
        try:
            asked = json.loads(body or b"{}")
            said = self._doors[path](asked)
        except KeyError:
            await answer(send, 404, json.dumps({"message": f"there is only {', '.join(self._doors)}"}))
        except (ValueError, TypeError, AttributeError) as error:
            await answer(send, 400, json.dumps({"message": f"this cannot be done: {error}"}))
        else:
            await answer(send, 200, json.dumps(said))

    def _begin(self, asked: Json) -> Json:
        """Begin anew with these settings, an empty log and no tokens."""
        self._vendor = Vendor(Settings().changed(asked), time.time, self._secret)
        return {"began": self._vendor.began}

    def _change(self, asked: Json) -> Json:
        self._vendor.change(asked)
        return {"settings": self._vendor.settings.plain()}

    def _group(self, asked: Json) -> Json:
        """List a group from now on."""
        self._vendor.estate.add(str(asked["name"]), _whole(asked, "hosts"), time.time() - self._vendor.began)
        return {}

    def _revoke(self, _: Json) -> Json:
        self._vendor.tokens.revoke()
        return {}


def _whole(asked: Json, name: str) -> int:
    return int(asked.get(name, 0))


async def _body(receive: Receive) -> bytes | None:
    """A request's body; None where it is too large."""
    body = bytearray()
    while True:
        part = await receive()
        body += part.get("body", b"")
        if len(body) > MOST_BYTES:
            return None
        if not part.get("more_body"):
            return bytes(body)


def main(descriptor: int) -> None:
    """Serve until stopped."""
    token, secret = os.environ.pop(TOKEN_VARIABLE), os.environ.pop(SECRET_VARIABLE)
    front = Front(token, re.compile(r"(?!)"), re.compile(re.escape(DOORS)))
    serve(front, Served(secret), descriptor, keep_alive_timeout=60, keep_alive_max_requests=1_000_000)


if __name__ == "__main__":
    main(int(sys.argv[2]))
