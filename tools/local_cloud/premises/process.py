"""`python -m tools.local_cloud.premises.process SETTINGS DESCRIPTOR`: the premises of a run.

Started by tools.local_cloud.premises.stand_in, which bound the socket of its doors, in the
emulator's virtual environment. The database is open to who has its role's password, at the port
that `health` tells; its own doors, under /_premises, need the run's token.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import Any

from tools.common.loopback import TOKEN_VARIABLE
from tools.local_cloud.front import Front as Rules
from tools.local_cloud.front import Message, Receive, Send, answer
from tools.local_cloud.premises.certificates import contexts
from tools.local_cloud.premises.database import CRASH, FAST, Database
from tools.local_cloud.premises.faults import Faults
from tools.local_cloud.premises.front import Front
from tools.local_cloud.serving import serve

PASSWORD_VARIABLE = "PREMISES_PASSWORD"  # noqa: S105 (a variable's name)
DOORS = "/_premises"
MOST_BYTES = 1_000_000
START_SECONDS = 60.0

Json = dict[str, Any]


class Served:
    """An ASGI application: the doors; the database and its front live as long as it does."""

    def __init__(self, settings: Json, password: str) -> None:
        self._settings, self._password, self._folder = settings, password, Path(settings["folder"])
        programs, psql = Path(settings["programs"]), Path(settings["psql"])
        self._database = Database(self._folder, programs, psql, settings["user"], settings["connections"])
        self._authority, shown = contexts()
        self._front = Front(self._database.socket, shown, lambda: self._database.is_up)
        self._doors: dict[str, Callable[[Json], Awaitable[Json]]] = {
            f"{DOORS}/{name}": getattr(self, f"_{name}")
            for name in ("health", "change", "cut", "stop", "start", "ask", "log", "begin")
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request; nothing but HTTP is spoken."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        door = self._doors.get(scope["path"])
        if door is None:
            await answer(send, 404, json.dumps({"message": f"there is only {', '.join(self._doors)}"}))
            return
        try:
            said = await door(json.loads(await _body(receive) or b"{}"))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            await answer(send, 400, json.dumps({"message": f"this cannot be done: {error}"}))
        else:
            await answer(send, 200, json.dumps(said))

    async def _live(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            try:
                await self._begun()
            except (RuntimeError, ValueError, OSError) as error:
                await self._ended()
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
        await self._ended()
        await send({"type": "lifespan.shutdown.complete"})

    async def _begun(self) -> None:
        await self._database.start()
        await self._database.read(Path(self._settings["schema"]))
        role, password = self._settings["role"], self._password
        await self._database.ask(f"ALTER ROLE {role} LOGIN PASSWORD '{password}'")
        await self._front.begin()

    async def _ended(self) -> None:
        await self._front.end()
        await self._database.stop(CRASH)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _health(self, _: Json) -> Json:
        """How it is: where it is, whether it is up, and what was counted."""
        return {
            "port": self._front.port,
            "authority": self._authority,
            "up": self._database.is_up,
        } | self._front.counts.plain()

    async def _change(self, asked: Json) -> Json:
        """Do this wrong from now on, beside what it does already."""
        self._front.change(self._front.faults.changed(asked))
        return {}

    async def _cut(self, _: Json) -> Json:
        return {"cut": await self._front.cut()}

    async def _stop(self, asked: Json) -> Json:
        """Stop the database: `how` is "fast" or "crash"."""
        await self._database.stop(str(asked.get("how", FAST)))
        return {}

    async def _start(self, _: Json) -> Json:
        await self._database.start()
        return {}

    async def _ask(self, asked: Json) -> Json:
        return {"rows": await self._database.ask(str(asked["sql"]))}

    async def _log(self, asked: Json) -> Json:
        """The statements from the one of that number on."""
        counts, begin = self._front.counts, int(asked.get("from", 0))
        left_out = counts.statements - len(counts.log)
        return {"statements": list(islice(counts.log, max(0, begin - left_out), None))}

    async def _begin(self, _: Json) -> Json:
        """Nothing is wrong from now on, and all is counted anew."""
        self._front.change(Faults())
        self._front.counts.begin()
        await self._database.start()
        return {}


async def _body(receive: Receive) -> bytes:
    """A request's body. Raises ValueError where it is too large."""
    body = bytearray()
    while True:
        part = await receive()
        body += part.get("body", b"")
        if len(body) > MOST_BYTES:
            raise ValueError(f"a request has more than {MOST_BYTES:,} bytes")
        if not part.get("more_body"):
            return bytes(body)


def main(settings: str, descriptor: int) -> None:
    """Serve until stopped."""
    token, password = os.environ.pop(TOKEN_VARIABLE), os.environ.pop(PASSWORD_VARIABLE)
    rules = Rules(token, re.compile(r"(?!)"), re.compile(re.escape(DOORS)))
    served = Served(json.loads(settings), password)
    serve(rules, served, descriptor, startup_timeout=START_SECONDS, graceful_timeout=0.5)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
