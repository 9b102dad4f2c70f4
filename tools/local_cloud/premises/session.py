"""One session: what a client says goes to the server, what that answers goes back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tools.local_cloud.premises import wire
from tools.local_cloud.premises.counts import Counts
from tools.local_cloud.premises.faults import AFTER, BEFORE, HALF
from tools.local_cloud.premises.statements import Statements

READ_BYTES = 65_536
LEAVE_SECONDS = 5.0  # in which a server ends a session whose client has left


class Cut(Exception):
    """The connection is to be cut."""


@dataclass(frozen=True)
class End:
    """One of two ends of a session."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Session:
    """Between a client and the server, which has its startup message.

    `passes` waits while nothing may pass; `held` waits as long as a statement is due to, and says
    how its connection is to be lost, if it is.
    """

    def __init__(
        self,
        client: End,
        server: End,
        counts: Counts,
        passes: Callable[[], Awaitable[object]],
        held: Callable[[str], Awaitable[str]],
    ) -> None:
        self._client, self._server, self._counts = client, server, counts
        self._passes, self._held = passes, held
        self._sent: deque[tuple[float, float, str]] = deque()
        self._lose = ""

    async def run(self) -> None:
        """Until either end has left, and the server has ended it. Raises Cut, OSError."""
        up, down = asyncio.create_task(self._up()), asyncio.create_task(self._down())
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            for task in (up, down):
                if task.done():
                    task.result()
        except BaseException:
            self._client.writer.transport.abort()
            raise
        finally:
            up.cancel()
            with contextlib.suppress(OSError):
                self._server.writer.write_eof()
            await asyncio.wait((asyncio.create_task(self._ended(down)),), timeout=LEAVE_SECONDS)
            self._server.writer.transport.abort()

    async def _ended(self, down: asyncio.Task[None]) -> None:
        """Wait until the server has closed its end: then its session is no more."""
        down.cancel()
        await asyncio.gather(down, return_exceptions=True)
        with contextlib.suppress(OSError):
            while await self._server.reader.read(READ_BYTES):
                pass

    async def _up(self) -> None:
        statements = Statements()
        while part := await self._client.reader.read(READ_BYTES):
            for one in statements.of(part):
                await self._passes()
                if one.text is not None:
                    await self._begin(one.text)
                self._server.writer.write(one.content)
                await self._server.writer.drain()

    async def _begin(self, text: str) -> None:
        """A statement is about to be passed on."""
        came, began = time.time(), time.perf_counter()
        self._lose = await self._held(text)
        if self._lose == BEFORE:
            raise Cut
        self._sent.append((came, began, (text.split() or [""])[0].upper()))

    async def _down(self) -> None:
        frames = wire.Frames()
        while part := await self._server.reader.read(READ_BYTES):
            await self._passes()
            kinds = [self._seen(kind, message) for kind, message in frames.of(part)]
            if self._lose == AFTER:
                if wire.READY in kinds:
                    raise Cut
                continue
            self._client.writer.write(part[: len(part) // 2] if self._lose == HALF else part)
            await self._client.writer.drain()
            if self._lose == HALF:
                raise Cut

    def _seen(self, kind: bytes, message: bytes) -> bytes:
        if kind == wire.ERROR:
            self._counts.errors[wire.sqlstate(message)] += 1
        elif kind == wire.READY and self._sent:
            came, began, word = self._sent.popleft()
            self._counts.answered(came, (time.perf_counter() - began) * 1000, word)
        return kind
