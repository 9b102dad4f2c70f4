"""`make live` on this machine: takes over the local cloud that is up, or brings one up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from tools.common.errors import CommandError
from tools.environment import pipeline_rooms
from tools.live.app import application
from tools.live.kept import Kept
from tools.live.local.measure import Measuring
from tools.live.local.place import Place
from tools.live.local.source import LocalSource
from tools.live.pipeline import pipelines
from tools.live.serving import serve
from tools.live.stream import Hub
from tools.local_cloud import emulator, fault_proxy, server, stack
from tools.local_cloud.exclusive import interrupted_once, lasting_run
from tools.local_cloud.runs import Run
from tools.operations.deployment import find_all
from tools.operations.pipeline import pipeline_of

RUN = "local"

say = partial(print, flush=True)


def run(pipeline: str, port: int | None, *, measure: bool = False) -> int:
    """Serve until Ctrl-C, or as long as it is measured. Raises CommandError."""
    began = time.monotonic()
    local = Run.named(RUN)
    with interrupted_once(), _up(local, pipeline):
        listener = server.listen(port)
        places = _places(local, pipeline)
        source = LocalSource(places, pipelines(), fault_proxy.running(local))
        hub = Hub()
        app = application(source, hub, local.state()["token"], _vote(local))
        say(f"{', '.join(place.pipeline for place in places)}: up after {time.monotonic() - began:.0f} s")
        say(f"look: http://127.0.0.1:{listener.getsockname()[1]}/ (Ctrl-C ends it)")
        if measure:
            Measuring(f"http://127.0.0.1:{listener.getsockname()[1]}", say).start()
        try:
            serve(app, hub, listener)
        finally:
            source.close()
    return 0


@contextmanager
def _up(local: Run, pipeline: str) -> Iterator[None]:
    """The local cloud while it is looked at; at the end it is stopped if it was started here."""
    if emulator.alive(local):
        say("a local cloud is up already: it is looked at as it is")
        yield
        return
    chosen = pipeline_rooms.chosen(pipeline)
    with lasting_run(local):
        say("emulator, behind a proxy that injects faults")
        stack.down(local)
        fault_proxy.start(local)
        stack.up(local, say, pipelines=chosen)
    started = local.state()["pid"]
    try:
        yield
    finally:
        if local.state_if_readable().get("pid") == started:
            say("stopping the local cloud")
            stack.down(local)


def _places(local: Run, pipeline: str) -> list[Place]:
    """The pipelines that are up and known here. Raises CommandError where none is."""
    known, there = pipelines(), find_all("local")
    shown = [one for one in there if one.pipeline in known and pipeline in ("", one.pipeline)]
    if not shown:
        named = ", ".join(one.pipeline for one in there)
        raise CommandError(f"the local cloud that is up has {named}: nothing of it can be shown; `make down` first")
    return [Place(Kept.of(one), local, pipeline_of(one.pipeline)) for one in shown]


def _vote(local: Run) -> dict[str, Any] | None:
    """What the voting page is told; None where nobody can vote."""
    outputs = local.outputs()
    told = (one.page(outputs) for one in pipelines().values() if one.page)
    return next(filter(None, told), None)
