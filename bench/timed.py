"""The timed figures: CPU of the handlers, in paired rounds; only ratios within a round mean anything on another machine."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench import load, pollers
from bench.contenders import Sizing
from bench.figures import CONTENDERS
from bench.services import Services
from bench.world import Context, Shape, World, deployed, request_event, set_aside
from shared import clients
from votes import receive

A_REQUEST = (1, 10, 100)
SIZES = {"plain": 300, "idempotent": 300, "direct": 500}
SLUICE_SIZE, WARM, REQUESTS = 6_000, 300, 300
Times = dict[str, float]  # "sluice write" → µs of CPU a ballot


def round_of(sizing: Sizing, number: int, sluice_size: int = SLUICE_SIZE) -> Times:
    """One round: every design's functions and the floors, one after the other."""
    found: Times = {}
    for name in ("plain", "idempotent", "direct"):
        size = SIZES[name]
        drawn = load.ballots(size * 4 + WARM, number)
        with deployed(CONTENDERS[name], sizing, Shape()) as (world, _, advance):
            world.take(drawn[:WARM], advance)
            world.forget()
            for stage, seconds in world.take(drawn[WARM : WARM + size], advance).cpu.items():
                found[f"{name} {stage}"] = seconds / size * 1e6
            if name != "direct":
                _receives(world, name, drawn[WARM + size :], found)
    _sluice(sizing, number, sluice_size, found)
    return found


def _receives(world: World, name: str, drawn: Sequence[load.Ballot], found: Times) -> None:
    """receive alone, at one, ten and a hundred ballots a request."""
    for a_request in A_REQUEST:
        some = drawn[: max(REQUESTS, 10 * a_request)]
        world.forget()
        set_aside()
        world.enter(some, a_request)
        found[f"{name} receive, {a_request} a request"] = world.run.cpu["receive"] / len(some) * 1e6


def _sluice(sizing: Sizing, number: int, size: int, found: Times) -> None:
    drawn = load.ballots(size * 2 + WARM, number)
    with deployed(CONTENDERS["sluice"], sizing, Shape(a_request=0)) as (world, services, advance):
        world.take(drawn[:WARM], advance)
        world.forget()
        for stage, seconds in world.take(drawn[WARM : WARM + size], advance).cpu.items():
            found[f"sluice {stage}"] = seconds / size * 1e6
        world.enter(drawn[:20], 1)  # the first call makes the worker
        _receives(world, "sluice", drawn[WARM + size :], found)
        _floors(world, services, drawn[WARM + size :], found)


def _floors(world: World, services: Services, drawn: Sequence[load.Ballot], found: Times) -> None:
    """Beside each function, what it cannot do without: parsing its ballots' JSON, and making its calls."""
    for a_request in A_REQUEST:
        some = drawn[: max(REQUESTS, 10 * a_request)]
        bodies = load.requests(some, a_request)
        calls = _recorded(services, lambda bodies=bodies: [receive.handler(request_event(body), Context()) for body in bodies])
        found[f"call receive, {a_request} a request"] = _replayed(services, (), calls) / len(some) * 1e6
        found[f"floor receive, {a_request} a request"] = _replayed(services, bodies, calls) / len(some) * 1e6
    for stage in world.design.stages[1:]:
        assert stage.queue is not None
        queue = services.queues[stage.queue]
        messages, queue.messages = queue.messages, []
        bodies = [message.body for message in messages]
        batches = list(pollers.standard(messages, stage.mapping.batch_size))
        events = [pollers.event(batch, 10**6 + place, "arn:queue", services.now_us() // 1000) for place, batch in enumerate(batches)]
        set_aside()
        began, spent = time.process_time(), services.spent
        calls = _recorded(services, lambda events=events, handler=stage.handler: [handler(event, Context()) for event in events])
        took = time.process_time() - began - (services.spent - spent)
        floor = _replayed(services, bodies, calls)
        if floor:
            found[f"over the floor: {stage.name}"] = took / floor


def _recorded(services: Services, work: Any) -> list[tuple[str, str, dict[str, Any], bytes]]:
    services.record = []
    work()
    calls, services.record = services.record, None
    return calls


def _replayed(services: Services, bodies: Sequence[str], calls: Sequence[tuple[str, str, dict[str, Any], bytes]]) -> float:
    """Seconds of CPU to parse the bodies and make the calls, answered as before."""
    set_aside()
    services.canned = iter([answer for *_, answer in calls])
    began, spent = time.process_time(), services.spent
    for body in bodies:
        json.loads(body)
    for service, operation, params, _ in calls:
        clients.client(service)._make_api_call(operation, params)
    took = time.process_time() - began - (services.spent - spent)
    services.canned = None
    return took


def median(rounds: Sequence[Times]) -> Times:
    """The median of each figure."""
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def ratio(rounds: Sequence[Times], over: str, under: str) -> float:
    """The median of the rounds' own ratios."""
    return statistics.median(one[over] / one[under] for one in rounds)


@contextmanager
def stopwatch(what: str, say: Any) -> Iterator[None]:
    """Say how long something took."""
    began = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - began:.0f} s")
