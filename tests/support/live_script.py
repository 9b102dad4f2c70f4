"""A live page whose figures a test writes: the real application on a free port, fed by a script."""

from __future__ import annotations

import asyncio
import copy
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.live_figures import FLOWS, snapshot
from tools.live.app import application
from tools.live.flow import Flow
from tools.live.serving import Server
from tools.live.source import ACTIONS, FOLLOW, PEEK, About, NotFound, Refused, Source
from tools.live.stream import Hub
from tools.local_cloud.server import listen

STEP_SECONDS = 0.1  # faster than the product's: tests wait for less
TOKEN = "of-the-run"
WAIT_SECONDS = 20.0
LOCAL = About("local", None, (*ACTIONS, PEEK, FOLLOW), STEP_SECONDS)
PROD = About("prod", "123456789012", (FOLLOW,), STEP_SECONDS)


@dataclass
class Script(Source):
    """Tells what `now` says, which a test may change; keeps what buttons asked in `done`.

    While `going` is not set, no snapshot comes. `old_seconds`: how old what it tells is.
    """

    about: About = LOCAL
    now: dict[str, Any] = field(default_factory=snapshot)
    drawn: Sequence[Flow] = FLOWS
    done: list[tuple[str, tuple[str, ...], dict[str, Any]]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    followed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refuses: str = ""
    old_seconds: float = 0.0
    going: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.going.set()

    @property
    def votes(self) -> dict[str, Any]:
        """The votes pipeline's part of `now`."""
        part: dict[str, Any] = self.now["pipelines"]["votes"]
        return part

    def flows(self) -> Sequence[Flow]:
        return self.drawn

    def sample(self) -> dict[str, Any]:
        while not (self.going.wait(0.1) or self.closed.is_set()):
            pass
        return copy.deepcopy(self.now) | {"as_of": round((time.time() - self.old_seconds) * 1000)}

    def peek(self, pipeline: str, queue: str) -> dict[str, Any]:
        self.done.append(("peek", (pipeline, queue), {}))
        return {"messages": self.messages, "of": max(12_431, len(self.messages))}

    def follow(self, pipeline: str, what: str) -> dict[str, Any]:
        if what not in self.followed:
            raise NotFound(f"no ballot {what!r} is known here")
        return {"id": what, "steps": self.followed[what]}

    def letters(self, pipeline: str) -> list[dict[str, Any]]:
        return self.groups

    def do(self, what: str, on: Sequence[str], asked: dict[str, Any]) -> dict[str, Any]:
        self.done.append((what, tuple(on), asked))
        if self.refuses:
            raise Refused(self.refuses)
        return {}

    def close(self) -> None:
        self.closed.set()


class Live:
    """A script that is served; `url` is the page's address, `vote` what the voting page is told."""

    def __init__(self, script: Script, vote: dict[str, Any] | None = None) -> None:
        self.script, self._hub = script, Hub()
        self._listener = listen()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self._server = Server(application(script, self._hub, TOKEN, vote), self._hub)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def looking(self) -> int:
        """How many streams are open."""
        return self._hub.looking

    def send(self, content: bytes | None) -> None:
        """Send to every stream; None ends them."""
        assert self._loop
        self._loop.call_soon_threadsafe(self._hub.send, content)

    def cut(self) -> None:
        """End every stream, as a network does; a page may open another."""
        self.send(None)

    def start(self) -> None:
        self._thread.start()
        until = time.monotonic() + WAIT_SECONDS
        while not self._server.started:
            assert time.monotonic() < until, "the page is not served"
            time.sleep(0.01)

    def stop(self) -> None:
        self.script.closed.set()
        self._server.should_exit = True
        self._thread.join(WAIT_SECONDS)
        self._listener.close()

    def _run(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await self._server.serve(sockets=[self._listener])

        asyncio.run(serve())


def until(true: Callable[[], Any]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


@contextmanager
def served(script: Script | None = None, vote: dict[str, Any] | None = None) -> Iterator[Live]:
    """The page, served until the end; `vote`: what the voting page beside it is told."""
    live = Live(script or Script(), vote)
    live.start()
    try:
        yield live
    finally:
        live.stop()
