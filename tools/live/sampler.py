"""Takes snapshots of a source while somebody looks, and sends them to all who do."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable

from tools.live.history import History
from tools.live.source import Json, Source
from tools.live.stream import Hub, event

LEAST_PAUSE_SECONDS = 0.05
TROUBLE_PAUSE_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Sampler:
    """One source's. `instance` names this start of the server."""

    def __init__(self, source: Source, hub: Hub, now: Callable[[], float] = time.time) -> None:
        self.instance = secrets.token_hex(4)
        self.history = History()
        self._source, self._hub, self._now = source, hub, now

    async def run(self) -> None:
        """Until cancelled: a snapshot a step while anybody looks, and nothing while nobody does."""
        while True:
            await self._hub.someone()
            began = time.monotonic()
            pause = self._source.about.step_seconds
            try:
                self.take(await asyncio.to_thread(self._source.sample))
            except Exception as error:  # whatever it is, the page says so and the next step tries again
                logger.warning("no snapshot: %s: %s", type(error).__name__, error)
                self._hub.send(event("trouble", {"message": f"{type(error).__name__}: {error}"[:500]}))
                pause = max(pause, TROUBLE_PAUSE_SECONDS)
            await asyncio.sleep(max(LEAST_PAUSE_SECONDS, pause - (time.monotonic() - began)))

    def take(self, sample: Json) -> None:
        """Send a sample as the newest snapshot, and remember it."""
        source = self._source.about.plain() | {"cost": sample.get("cost")}
        snap: Json = {"instance": self.instance, "at": round(self._now() * 1000), "source": source}
        snap |= {name: sample[name] for name in ("as_of", "pipelines", "faults")}
        self.history.add(snap)
        self._hub.send(event("snap", snap))

    def begin(self) -> bytes:
        """What a page gets first."""
        return event("hist", {"instance": self.instance, **self.history.plain()})
