"""`python -m tools.local_cloud.reader.process ENGINES DESCRIPTOR`: the reader of a run.

Started by tools.local_cloud.reader.stand_in, which bound the socket, in the reader's virtual
environment. It speaks Textract's AnalyzeExpense for pictures in the request (`Bytes`); who signed a
call is not verified. More calls at once than it has engines wait a little, and more than that are
throttled, as on AWS. Its own doors, under /_reader, need the run's token.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import os
import random
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

from tools.common.loopback import TOKEN_VARIABLE
from tools.local_cloud.front import Front, Message, Receive, Send
from tools.local_cloud.reader.lines import answer as answer_of
from tools.local_cloud.serving import serve

DOORS = "/_reader"
TARGET = b"Textract.AnalyzeExpense"
MOST_PICTURE = 5 * 1024 * 1024  # bytes in a request, as on AWS
MOST_BODY = MOST_PICTURE * 4 // 3 + 4096
WAITING = 2  # calls for each engine that may wait for it
READ_SECONDS = 30  # for a request to arrive
RUBBISH = (b"", b"<html>busy</html>", b"[]", b'{"ExpenseDocuments": null}', b'{"ExpenseDocuments": [{"Blocks": [7]}]}')

Json = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """What it is told to do wrong: the shares of calls (0-1) that it throttles and answers with
    rubbish, chosen by `seed`.
    """

    throttle: float = 0.0
    rubbish: float = 0.0
    seed: int = 0


class Refused(Exception):
    """A call is answered with an error of AWS's name `kind`."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


class Reader:
    """An ASGI application that reads pictures, with so many engines at once."""

    def __init__(self, engines: int) -> None:
        self._threads = ThreadPoolExecutor(engines, thread_name_prefix="engine")
        self._own = threading.local()
        self._most = engines * (1 + WAITING)
        self._settings, self._chance = Settings(), random.Random(0)  # noqa: S311 (what to break)
        self._counts = {"read": 0, "refused": 0, "throttled": 0, "rubbish": 0, "at_once": 0}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request; nothing but HTTP is spoken."""
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["path"].startswith(f"{DOORS}/"):
            await self._opened(scope["path"], receive, send)
        elif self._counts["at_once"] >= self._most:
            await self._refuse(send, Refused("ThrottlingException", "Rate exceeded"))
        else:
            self._counts["at_once"] += 1
            try:
                await self._analyzed(scope, receive, send)
            finally:
                self._counts["at_once"] -= 1

    async def _analyzed(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            body = await _body(receive)
            content = _picture(scope, body)
            if self._chance.random() < self._settings.throttle:
                raise Refused("ThrottlingException", "Rate exceeded")
            if self._chance.random() < self._settings.rubbish:
                self._counts["rubbish"] += 1
                await _say(send, 200, self._chance.choice(RUBBISH))
                return
            said = await asyncio.get_running_loop().run_in_executor(self._threads, self._read, content)
        except Refused as refused:
            await self._refuse(send, refused)
        else:
            self._counts["read"] += 1
            await _say(send, 200, json.dumps(said).encode())

    def _read(self, content: bytes) -> Json:
        """Read a picture in one of the threads, each of which has an engine of its own."""
        from tools.local_cloud.reader import engine

        if not hasattr(self._own, "engine"):
            self._own.engine = engine.engine()
        try:
            return answer_of(engine.read(self._own.engine, content), *engine.size(content))
        except engine.PictureRefused as refused:
            raise Refused(refused.kind, str(refused)) from refused

    async def _refuse(self, send: Send, refused: Refused) -> None:
        self._counts["throttled" if refused.kind == "ThrottlingException" else "refused"] += 1
        body = json.dumps({"__type": refused.kind, "message": str(refused)}).encode()
        await _say(send, 400, body, refused.kind)

    async def _opened(self, path: str, receive: Receive, send: Send) -> None:
        """Its own doors: how it is, and what it shall do wrong from now on."""
        if path == f"{DOORS}/health":
            await _say(send, 200, json.dumps(self._counts | {"most": self._most}).encode())
            return
        try:
            if path != f"{DOORS}/settings":
                raise ValueError(f"there is only {DOORS}/health and {DOORS}/settings")
            self._settings = replace(Settings(), **json.loads(await _body(receive)))
            self._chance = random.Random(self._settings.seed)  # noqa: S311 (what to break)
        except (ValueError, TypeError, Refused) as error:
            await _say(send, 400, json.dumps({"message": str(error)}).encode())
        else:
            await _say(send, 200, json.dumps(asdict(self._settings)).encode())


def _picture(scope: Message, body: bytes) -> bytes:
    """The picture in a call. Raises Refused."""
    headers = dict(scope["headers"])
    if scope["method"] != "POST" or headers.get(b"x-amz-target") != TARGET:
        raise Refused("UnknownOperationException", f"there is only {TARGET.decode()}")
    if not headers.get(b"authorization", b"").startswith(b"AWS4-HMAC-SHA256 "):
        raise Refused("MissingAuthenticationTokenException", "the request is not signed by version 4")
    try:
        document = json.loads(body)["Document"]
        if "S3Object" in document:
            raise Refused("UnsupportedDocumentException", "the stand-in reads Bytes alone, no S3Object")
        content = base64.b64decode(document["Bytes"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise Refused("InvalidParameterException", "the request has no Document with Bytes") from error
    if not content:
        raise Refused("InvalidParameterException", "Bytes is empty")
    if len(content) > MOST_PICTURE:
        raise Refused("DocumentTooLargeException", f"the picture has more than {MOST_PICTURE:,} bytes")
    return content


async def _body(receive: Receive) -> bytes:
    """A request's body. Raises Refused where it is too large, having read no more than that."""
    body = bytearray()
    while True:
        part = await receive()
        body += part.get("body", b"")
        if len(body) > MOST_BODY:
            raise Refused("DocumentTooLargeException", f"the request has more than {MOST_BODY:,} bytes")
        if not part.get("more_body"):
            return bytes(body)


async def _say(send: Send, status: int, body: bytes, error: str = "") -> None:
    headers = [(b"content-type", b"application/x-amz-json-1.1"), (b"content-length", b"%d" % len(body))]
    headers += [(b"x-amzn-errortype", error.encode())] if error else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main(engines: int, descriptor: int) -> None:
    """Serve until stopped."""
    front = Front(os.environ.pop(TOKEN_VARIABLE), re.compile(r"(?!)"), re.compile(re.escape(DOORS)))
    serve(front, Reader(engines), descriptor, keep_alive_timeout=60, read_timeout=READ_SECONDS)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
