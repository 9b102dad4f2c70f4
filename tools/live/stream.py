"""One stream of events to every page that is open: the newest snapshot, and never an old one.

Whoever is slow misses some: of what waits for a page, the oldest is dropped.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

Json = dict[str, Any]

WAITING = 2  # snapshots that wait for one page
HEARTBEAT_SECONDS, RETRY_MS = 1.0, 1000
HEARTBEAT = b": still here\n\n"


def event(name: str, said: Json) -> bytes:
    """A server-sent event."""
    return f"event: {name}\ndata: {json.dumps(said, separators=(',', ':'))}\n\n".encode()


class Hub:
    """Those who look, and what is sent to all of them. Of one event loop."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[bytes | None]] = set()
        self._someone = asyncio.Event()
        self._closed = False

    @property
    def looking(self) -> int:
        """How many look."""
        return len(self._queues)

    async def someone(self) -> None:
        """Wait until anybody looks."""
        await self._someone.wait()

    def send(self, content: bytes | None) -> None:
        """Send to all; where too much waits, the oldest goes. None ends their streams."""
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(content)

    def close(self) -> None:
        """End every stream, and let none begin."""
        self._closed = True
        self.send(None)

    async def events(self, begin: Callable[[], bytes]) -> AsyncIterator[bytes]:
        """The stream of one page: what `begin` says now, then whatever is sent."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING)
        self._queues.add(queue)
        self._someone.set()
        try:
            yield f"retry: {RETRY_MS}\n\n".encode() + begin()
            while not self._closed:
                try:
                    content = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    content = HEARTBEAT
                if content is None:
                    return
                yield content
        finally:
            self._queues.discard(queue)
            if not self._queues:
                self._someone.clear()
