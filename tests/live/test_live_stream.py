"""The live page's stream: the newest to everybody, nothing while nobody looks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from tests.live.scripted import ScriptedSource, pipeline
from tools.live import stream
from tools.live.history import History
from tools.live.sampler import Sampler
from tools.live.stream import HEARTBEAT, Hub

BOUND_SECONDS = 5.0


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), BOUND_SECONDS))


def said(content: bytes) -> tuple[str, dict[str, object]]:
    """An event's name and what it says."""
    lines = content.decode().strip().split("\n")
    return lines[-2].removeprefix("event: "), json.loads(lines[-1].removeprefix("data: "))


def test_a_slow_page_gets_the_newest() -> None:
    async def work() -> None:
        hub = Hub()
        events: AsyncIterator[bytes] = hub.events(lambda: b"begin")
        assert await anext(events) == b"retry: 1000\n\nbegin"
        for number in range(5):
            hub.send(b"%d" % number)
        assert [await anext(events), await anext(events)] == [b"3", b"4"]

    run(work)


def test_a_stream_beats_while_nothing_changes_and_ends_when_all_ends() -> None:
    async def work() -> None:
        hub = Hub()
        events = hub.events(lambda: b"")
        await anext(events)
        assert await anext(events) == HEARTBEAT
        hub.close()
        assert [one async for one in events] == []
        assert hub.looking == 0

    before, stream.HEARTBEAT_SECONDS = stream.HEARTBEAT_SECONDS, 0.01
    try:
        run(work)
    finally:
        stream.HEARTBEAT_SECONDS = before


def test_nothing_is_asked_while_nobody_looks() -> None:
    async def work() -> None:
        source, hub = ScriptedSource(), Hub()
        sampler = Sampler(source, hub)
        task = asyncio.create_task(sampler.run())
        await asyncio.sleep(0.05)
        assert source.samples == 0
        events = hub.events(sampler.begin)
        name, hist = said(await anext(events))
        assert (name, hist["at"]) == ("hist", [])
        name, snap = said(await anext(events))
        assert (name, snap["instance"]) == ("snap", sampler.instance)
        await events.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0.1)
        seen = source.samples
        await asyncio.sleep(0.1)
        assert source.samples <= seen + 1
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    run(work)


def test_what_keeps_a_source_from_looking_is_told_and_tried_again() -> None:
    async def work() -> None:
        source, hub = ScriptedSource(), Hub()
        source.error = OSError("nobody answers")
        sampler = Sampler(source, hub)
        task = asyncio.create_task(sampler.run())
        events = hub.events(sampler.begin)
        await anext(events)
        name, trouble = said(await anext(events))
        assert (name, trouble) == ("trouble", {"message": "OSError: nobody answers"})
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    run(work)


def snap(at: int, waiting: int, faults: list[dict[str, object]]) -> dict[str, object]:
    one = pipeline(extra=[{"name": "connections", "value": 2, "unit": ""}])
    one["nodes"]["queue/orders"]["waiting"] = waiting
    return {"at": at, "pipelines": {"orders": one}, "faults": faults}


def test_history_is_columns_and_bands() -> None:
    history, fault = History(), {"name": "kill", "label": "kill a worker"}
    for at, waiting, on in ((1_000, 5, False), (2_000, 7, True), (3_000, 2, True), (4_000, 0, False)):
        history.add(snap(at, waiting, [fault | {"on": on}]))
    told = history.plain()
    assert told["at"] == [1_000, 2_000, 3_000, 4_000]
    assert told["pipelines"]["orders"]["depth"] == {"queue/orders": [6, 8, 3, 1]}
    assert told["pipelines"]["orders"]["rate"] == {"function/take": [2.0] * 4}
    assert told["pipelines"]["orders"]["extra"] == {"connections": [2] * 4}
    assert told["bands"] == [{"fault": "kill", "label": "kill a worker", "from": 2_000, "to": 4_000}]


def test_history_forgets_after_two_minutes() -> None:
    history, fault = History(), {"name": "kill", "label": "kill a worker"}
    history.add(snap(1_000, 1, [fault | {"on": True}]))
    history.add(snap(2_000, 1, []))
    history.add(snap(130_000, 1, []))
    assert (history.plain()["at"], history.plain()["bands"]) == ([130_000], [])
