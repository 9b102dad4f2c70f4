"""The model beside the seeded world: the real handlers on simulated queues and tables, with the
same sizing and the same load.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from tools.bench.votes.capacity.curves import Curve
from tools.bench.votes.capacity.durations import Durations
from tools.bench.votes.capacity.model import Model
from tools.bench.votes.capacity.settings import Settings
from tools.simulation import mappings
from tools.simulation.votes import deployed
from tools.simulation.votes.deployed import START_US
from tools.simulation.votes.plan import Cast, Plan, Request
from tools.simulation.votes.standins import installed, settings_of
from tools.simulation.votes.world import World

SECOND = 1_000_000
# seconds between two requests, each a ballot of one of fifteen voters and titles
EVERY, REQUESTS = 0.4, 90
WINDOW = next(mapping.window for mapping in deployed.MAPPINGS if mapping.function == "process")


CALLS: Counter[str] = Counter()  # of the world's functions


@contextmanager
def without_views() -> Iterator[None]:
    """Each slot folds the titles: the model knows of no views."""
    with mock.patch.dict(deployed.ENVIRONMENTS["tally"], FOLD_SECONDS="0"):
        settings_of.cache_clear()
        yield
    settings_of.cache_clear()


@pytest.fixture(scope="module")
def played() -> tuple[World, dict[int, int]]:
    """A calm history at a constant load, and when (µs) each epoch was seen closed.

    As Lambda's long polls do, and the model's, its pollers find a message as soon as it is there:
    those that look five times a second give write what came of several shards meanwhile.
    """
    requests = tuple(Request(int(n * EVERY * 1000), (Cast(n % 5, n // 5 % 3, 1 + n % 3),)) for n in range(REQUESTS))
    with installed(), mock.patch.object(mappings, "LOOKS_US", 1), without_views():
        world = World(Plan(4, requests, seed=3))
        closed: dict[int, int] = {}

        def look() -> None:
            row = world.table("tallies").items.get(("#fold",))
            if row:
                closed.setdefault(int(row["epoch"]["N"]), world.stage.now)
            if world.stage.now < START_US + 120 * SECOND:
                world.stage.at(world.stage.now + SECOND // 10, look)

        def counted(function: str, *arguments: Any) -> None:
            CALLS[function] += 1
            invoke(function, *arguments)

        invoke = world.lambdas.invoke
        mock.patch.object(world.lambdas, "invoke", counted).start()  # of this world alone
        world.stage.at(START_US, look)
        world.run()
        return world, closed


@pytest.fixture(scope="module")
def modelled() -> Model:
    """The same in the model."""
    settings = Settings(
        batch_size=1000,
        window_seconds=WINDOW,
        process_concurrency=4,
        write_concurrency=4,
        slot_seconds=deployed.SLOT_SECONDS,
        tick_delay=deployed.SLOT_SECONDS + 2,
        epoch_changes=int(deployed.SMALLER["EPOCH_CHANGES"]),
    )
    # The world's workers start in no time.
    warm = replace(Durations(settings), cold_ms=dict.fromkeys(Durations(settings).cold_ms, -300.0))
    model = Model(settings, warm, Curve("constant", [(0.0, 1 / EVERY), (REQUESTS * EVERY, 1 / EVERY)]))
    model.run()
    return model


def test_both_count_all(played: tuple[World, dict[int, int]], modelled: Model) -> None:
    world, _ = played
    assert len(world.checker.entries) > 1
    assert modelled.results.shown == modelled.results.accepted == REQUESTS


def test_a_ballot_takes_as_long_to_the_journal(played: tuple[World, dict[int, int]], modelled: Model) -> None:
    """The world's pollers wait for a part of their window, the model's for all of it: half a window
    apart, on average.
    """
    world, _ = played
    appended = [
        (int(row["appended_at"]["N"]) - START_US) / SECOND for (_, n), row in world.table("journal").items.items() if n
    ]
    cast = [n * EVERY for n in range(REQUESTS)]
    took = sum(appended) / len(appended) - sum(cast) / len(cast)
    assert took == pytest.approx(modelled.results.until_counted.mean, abs=WINDOW)


def test_there_are_as_many_epochs_and_the_last_ends_as_late(
    played: tuple[World, dict[int, int]], modelled: Model
) -> None:
    _, closed = played
    ended = (max(closed.values()) - START_US) / SECOND
    assert ended == pytest.approx(REQUESTS * EVERY + modelled.results.until_shown.mean, abs=deployed.SLOT_SECONDS)
    slots = REQUESTS * EVERY / deployed.SLOT_SECONDS
    assert slots - 2 <= len(closed) <= 3 * slots


@pytest.mark.usefixtures("played")
def test_functions_are_called_as_often(modelled: Model) -> None:
    """Each: the world's pollers never gather, and the model's five share what comes in a window."""
    calls = modelled.functions.calls
    assert calls["receive"] == CALLS["receive"] == REQUESTS
    assert calls["tally"] == pytest.approx(CALLS["tally"], abs=2)
    for function in ("process", "write"):
        assert REQUESTS * EVERY / (WINDOW + 1) <= calls[function] <= CALLS[function] <= REQUESTS
        assert calls[function] == pytest.approx(CALLS[function], rel=0.1)
