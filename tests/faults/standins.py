"""What stands in for a Lambda worker's surroundings: virtual time, one source of chance, quiet logs, clients of the simulated cloud.

Put in place once a process (`installed`); all of it asks the world that runs at the moment. Some limits are made small, so that
short histories reach them: entries, messages and requests are split.
"""

import gc
import importlib
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from types import ModuleType
from typing import Any, Protocol
from unittest import mock

from shared import clients, clock, dynamo, logs, queues, settings
from tests.faults.deployed import ENVIRONMENTS, FUNCTIONS

SMALL = {"entry": {"MOST_CHANGES": 4}, "journal": {"PUTS_A_CALL": 2, "FIRST_PAGE": 2}, "messages": {"MESSAGE_BYTES": 1_200}}
VERSIONED = {"messages": ("VERSION",), "journal": ("VERSION",), "tallies": ("VERSION",), "entry": ("BALLOTS_VERSION", "VERSION")}


class Surroundings(Protocol):
    """What the world that runs gives to whichever worker runs in it."""

    rng: random.Random
    shards: int

    def now_us(self) -> int: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...
    def client(self, service: str) -> Any: ...
    def witnessed(self, stage: str, outcome: str, hashes: Sequence[str]) -> None: ...
    def logged(self, message: str, extra: Mapping[str, Any]) -> None: ...


class Here:
    """Where the world that runs is to be found."""

    world: Surroundings


class Log:
    """A logger that hands on what the checker and the trace want to know."""

    name = service = "world"

    def info(self, message: str, extra: Mapping[str, Any] | None = None) -> None:
        """Nobody reads these."""

    def warning(self, message: str, extra: Mapping[str, Any] | None = None) -> None:
        """Tell the world."""
        Here.world.logged(message, extra or {})

    error = warning

    def makeRecord(self, *given: Any) -> Any:  # noqa: N802 - as logging spells it
        """Of a witness's line, what is in it."""
        return given[8]

    def handle(self, extra: Mapping[str, Any]) -> None:
        """A witness's line."""
        Here.world.witnessed(extra["witness"], extra["outcome"], extra["hashes"])


class Metrics:
    """Nobody counts."""

    def add_metric(self, *_: Any, **__: Any) -> None:
        """Nothing."""

    def flush_metrics(self) -> None:
        """Nothing."""


class Chance:
    """In place of the modules `random` and `secrets`: the world's one source of chance."""

    def uniform(self, low: float, high: float) -> float:
        """Between the two."""
        return Here.world.rng.uniform(low, high)

    def token_urlsafe(self, number: int) -> str:
        """So many bytes' worth of characters."""
        return "".join(Here.world.rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=number * 4 // 3))


class Release:
    """The functions of one release: their modules, and what they are made of."""

    def __init__(self, name: str, modules: Mapping[str, ModuleType]) -> None:
        self.name, self.modules = name, modules

    def worker(self, function: str) -> Any:
        """A new worker of a function, made as it makes itself on Lambda."""
        return self.modules[function]._worker.__wrapped__()


def _imported() -> dict[str, ModuleType]:
    for function in (*FUNCTIONS, "recount", "repair"):
        importlib.import_module(f"votes.{function}")
    return {name.removeprefix("votes."): module for name, module in sys.modules.items() if name.startswith("votes.")}


@cache
def this_release() -> Release:
    """lambda_src as it is."""
    return Release("this", _imported())


@cache
def later_release() -> Release:
    """lambda_src once more, writing messages, rows and entries of the next version, and able to read both."""
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name == "votes" or name.startswith("votes.")}
    try:
        modules = _imported()
    finally:
        for name in [name for name in sys.modules if name == "votes" or name.startswith("votes.")]:
            del sys.modules[name]
        sys.modules.update(kept)
    for name, constants in VERSIONED.items():
        latest = modules[name].VERSION + 1
        for constant in constants:
            setattr(modules[name], constant, latest)
    return Release("later", modules)


def one_by_one(call: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """fanout.each in one thread, in an order that chance decides; as there, calls not begun when one fails are not made."""
    order = list(range(len(items)))
    Here.world.rng.shuffle(order)
    found: dict[int, Any] = {}
    for place in order:
        found[place] = call(items[place])
    return [found[place] for place in range(len(items))]


@cache
def _loaded(model: Any, shards: int) -> Any:
    given: dict[str, str] = {}
    for environment in ENVIRONMENTS.values():
        given |= environment
    return _load(model, given | {"SHARDS": str(shards)})


_load = settings.load


@contextmanager
def installed() -> Iterator[None]:
    """Everything in its place."""
    quiet, before = Log(), gc.get_threshold()
    with ExitStack() as stack:

        def put(where: Any, name: str, what: Any) -> None:
            stack.enter_context(mock.patch.object(where, name, what))

        put(clock, "now_us", lambda: Here.world.now_us())
        put(clock, "monotonic", lambda: Here.world.monotonic())
        put(clock, "sleep", lambda seconds: Here.world.sleep(seconds))
        put(logs, "logger", lambda: quiet)
        put(logs, "metrics", Metrics)
        put(logs, "count", lambda counts: None)
        put(logs, "count_by", lambda name, dimension, counts: None)
        put(clients, "client", lambda service: Here.world.client(service))
        put(settings, "load", lambda model, environ=None: _loaded(model, Here.world.shards))
        chance = Chance()
        for module in (queues, dynamo):
            put(module, "random", chance)
        for release in (this_release(), later_release()):
            modules = release.modules
            put(modules["fanout"], "each", one_by_one)
            put(modules["stamps"], "secrets", chance)
            put(modules["journal"], "random", chance)
            for name, limits in SMALL.items():
                for limit, value in limits.items():
                    put(modules[name], limit, value)
            put(modules["settings"]._Voting, "rules", _remembered(modules["settings"]._Voting.rules))
        gc.freeze()  # a history is many small things, and ends in one piece: looking through them all the time is a third of its cost
        gc.set_threshold(100_000, 50, 100)
        stack.callback(gc.set_threshold, *before)
        stack.callback(gc.unfreeze)
        yield


def _remembered(rules: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Rules are models of Pydantic's, which take longer to build than a history to run."""
    kept: dict[Any, Any] = {}

    def found(config: Any) -> Any:
        key = (tuple(config.aspects), config.scale.lowest, config.scale.highest)
        if key not in kept:
            kept[key] = rules(config)
        return kept[key]

    return found
