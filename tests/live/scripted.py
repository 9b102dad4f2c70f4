"""A source whose snapshots are written by hand, and the page's server before it, in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from tools.live.app import application
from tools.live.flow import Drawing, Flow, flow_of
from tools.live.serving import Server
from tools.live.source import ACTIONS, FOLLOW, PEEK, About, Json, Source
from tools.live.stream import Hub
from tools.local_cloud import server

TOKEN = "of-the-run"
BOUND_SECONDS = 5.0
DRAWING = Drawing(
    "Orders", (("source/shops",), ("queue/orders",), ("function/take",)), ("source/shops > queue/orders",)
)
QUEUE = {"waiting": 3, "in_flight": 1, "delayed": 0, "dead": 0, "oldest_seconds": 1.5}


def pipeline(**more: Any) -> Json:
    """One pipeline of a sample."""
    nodes = {"queue/orders": dict(QUEUE), "function/take": {"rate": 2.0, "busy": 1, "errors": 0, "mapping": "on"}}
    said: Json = {
        "verdict": {"well": True, "text": "well", "findings": []},
        "law": None,
        "nodes": nodes,
        "edges": {},
        "failures": [],
        "jobs": [],
        "changes": [],
        "extra": [],
        "cost": None,
        "load": None,
    }
    return said | more


class ScriptedSource(Source):
    """Says what it was told to say, and remembers what was asked of it."""

    def __init__(self, can: Sequence[str] = (*ACTIONS, PEEK, FOLLOW), step_seconds: float = 0.01) -> None:
        self.about = About("scripted", None, tuple(can), step_seconds)
        self.said: Json = {"as_of": 0, "pipelines": {"orders": pipeline()}, "faults": []}
        self.error: Exception | None = None
        self.asked: list[tuple[str, list[str], Json]] = []
        self.samples = self.closed = 0

    def flows(self) -> Sequence[Flow]:
        """The one pipeline."""
        return [flow_of("orders", DRAWING, {"orders": "take"})]

    def sample(self) -> Json:
        """As told."""
        self.samples += 1
        if self.error:
            raise self.error
        return self.said

    def do(self, what: str, on: Sequence[str], asked: Json) -> Json:
        """Remember it."""
        self.asked.append((what, list(on), asked))
        return {"done": what}

    def close(self) -> None:
        """Count it."""
        self.closed += 1


@dataclass(frozen=True)
class Client:
    """Asks the server at `address`; `pool` is urllib3's."""

    address: str
    pool: urllib3.PoolManager

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        """GET a path."""
        return self.pool.request("GET", self.address + path, headers=dict(headers or {}), redirect=False)

    def post(self, path: str, body: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """POST a body to a path."""
        return self.pool.request("POST", self.address + path, body=body, headers=dict(headers), redirect=False)

    @property
    def page(self) -> dict[str, str]:
        """What a browser sends for the page itself."""
        return {"sec-fetch-site": "same-origin", "origin": self.address, "content-type": "application/json"}


@contextmanager
def served(source: Source, **more: Any) -> Iterator[Client]:
    """The page's server before a source, on a free port; more: of `application`."""
    hub, listener = Hub(), server.listen()
    web = Server(application(source, hub, TOKEN, **more), hub)
    thread = threading.Thread(target=web.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + BOUND_SECONDS
        while not web.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.005)
        with urllib3.PoolManager(retries=False, timeout=BOUND_SECONDS) as pool:
            yield Client(f"http://127.0.0.1:{listener.getsockname()[1]}", pool)
    finally:
        web.should_exit = True
        thread.join(BOUND_SECONDS)
        assert not thread.is_alive(), "the server does not end"
