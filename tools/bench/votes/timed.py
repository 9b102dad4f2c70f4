"""The timed figures: CPU of the handlers, in paired rounds.

Only ratios within a round mean anything on another machine.
"""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import boto3

from shared import clients
from tools.bench.votes import entrances, load
from tools.bench.votes.contenders import Handler, Json, Sizing
from tools.bench.votes.figures import CONTENDERS
from tools.bench.votes.http_requests import request_event
from tools.bench.votes.world import Context, Shape, World, deployed, set_aside
from tools.simulation.aws import pollers
from tools.simulation.aws.wire import Services
from votes import receive

A_REQUEST = (1, 10, 100)
SIZES = {"plain": 300, "idempotent": 300, "direct": 500}
SLUICE_SIZE, REQUESTS = 6_000, 300
WAVES = 3  # of so many ballots, within a round
TURNS = 5  # of receive and its floors within a round: one is over in milliseconds
Times = dict[str, float]  # "sluice write" → µs of CPU a ballot
# service, operation, what was asked, what was answered
Call = tuple[str, str, dict[str, Any], bytes]


def round_of(sizing: Sizing, number: int, sluice_size: int = SLUICE_SIZE) -> Times:
    """One round: every design's functions and the floors, one after the other."""
    found: Times = {}
    for name in ("plain", "idempotent", "direct"):
        with deployed(CONTENDERS[name], sizing, Shape()) as (world, _, advance):
            rest = _stages(world, name, load.ballots(SIZES[name] * (WAVES + 4), number), SIZES[name], advance, found)
            if name != "direct":
                _receives(world, name, rest, found)
    _sluice(sizing, number, sluice_size, found)
    return found


def _receives(world: World, name: str, drawn: Sequence[load.Ballot], found: Times) -> None:
    """receive alone, at one, ten and a hundred ballots a request."""
    for a_request in A_REQUEST:
        some = drawn[: max(REQUESTS, 10 * a_request)]
        turns = []
        for _ in range(TURNS):
            world.forget()
            set_aside()
            world.enter(some, a_request)
            turns.append(world.run.cpu["receive"])
        found[f"{name} receive, {a_request} a request"] = statistics.median(turns) / len(some) * 1e6


def _sluice(sizing: Sizing, number: int, size: int, found: Times) -> None:
    with deployed(CONTENDERS["sluice"], sizing, Shape(a_request=0)) as (world, services, advance):
        rest = _stages(world, "sluice", load.ballots(size * (WAVES + 2), number), size, advance, found)
        world.enter(rest[:20], 1)  # the first call makes the worker
        _receives(world, "sluice", rest, found)
        _floors(world, services, rest, found)


def _stages(
    world: World, name: str, drawn: Sequence[load.Ballot], size: int, advance: Callable[[], None], found: Times
) -> Sequence[load.Ballot]:
    """Each function behind the API, in workers that have had a batch before.

    Returns the ballots that are left over.
    """
    world.take(drawn[:size], advance)
    waves: list[Counter[str]] = []
    for number in range(1, WAVES + 1):
        world.forget()
        waves.append(world.take(drawn[number * size : (number + 1) * size], advance).cpu.copy())
    for stage in waves[0]:
        found[f"{name} {stage}"] = statistics.median(wave[stage] for wave in waves) / size * 1e6
    return drawn[(WAVES + 1) * size :]


def _floors(world: World, services: Services, drawn: Sequence[load.Ballot], found: Times) -> None:
    """Beside each function, what it cannot do without: parsing its JSON, and making its calls."""
    for a_request in A_REQUEST:
        _receive_and_floors(services, drawn[: max(REQUESTS, 10 * a_request)], a_request, found)
    for stage in world.design.stages[1:]:
        assert stage.queue is not None
        queue = services.queues[stage.queue]
        messages, queue.messages = queue.messages, []
        bodies = [message.body for message in messages]
        batches = list(pollers.standard(messages, stage.mapping.batch_size))
        events = [
            pollers.event(batch, 10**6 + number, "arn:queue", services.now_us() // 1000)
            for number, batch in enumerate(batches)
        ]
        set_aside()
        began, spent = time.process_time(), services.spent
        calls = _recorded(services, partial(_handled, stage.handler, events))
        took = time.process_time() - began - (services.spent - spent)
        floor = _answered(services, calls, partial(_bare, bodies, calls))
        if floor:
            found[f"over the floor: {stage.name}"] = took / floor


def _receive_and_floors(services: Services, drawn: Sequence[load.Ballot], a_request: int, found: Times) -> None:
    """receive and what it cannot do without, given the same answers.

    In turns, because a busy machine changes from one to the next.
    """
    bodies = load.requests(drawn, a_request)
    events = [request_event(body) for body in bodies]
    received = partial(_handled, receive.handler, events)
    calls = _recorded(services, received)
    works: dict[str, Callable[[], object]] = {
        "answered receive": received,
        "call receive": partial(_bare, (), calls),
        "boto3 call receive": partial(_bare, (), calls, boto3.client("sqs")),
        "floor receive": partial(_bare, bodies, calls),
        **{f"{kind} receive": work for kind, work in entrances.works(events).items()},
    }
    turns: dict[str, list[float]] = {what: [] for what in works}
    for _ in range(TURNS):
        for what, work in works.items():
            turns[what].append(_answered(services, calls, work))
    for what, seconds in turns.items():
        found[f"{what}, {a_request} a request"] = statistics.median(seconds) / len(drawn) * 1e6


def _recorded(services: Services, work: Callable[[], object]) -> list[Call]:
    services.record = []
    work()
    calls, services.record = services.record, None
    return calls


def _handled(handler: Handler, events: Sequence[Json]) -> None:
    for event in events:
        handler(event, Context())


def _bare(bodies: Sequence[str], calls: Sequence[Call], client: Any = None) -> None:
    """Parse the bodies and make the calls, with the worker's own clients or `client`."""
    for body in bodies:
        json.loads(body)
    for service, operation, params, _ in calls:
        (client or clients.client(service))._make_api_call(operation, params)


def _answered(services: Services, calls: Sequence[Call], work: Callable[[], object]) -> float:
    """Seconds of CPU of work that makes these calls, given the answers of before."""
    set_aside()
    services.canned = iter([answer for *_, answer in calls])
    began, spent = time.process_time(), services.spent
    work()
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
