"""What stands in for a Lambda worker's surroundings: virtual time, one source of chance, quiet
logs, clients of the simulated cloud.

Put in place once a process (`surrounded`); all of it asks the world that runs at the moment.
"""

import gc
import importlib
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any, Protocol
from unittest import mock

from shared import backoff, clients, clock, dynamo, fanout, keys, logs, queues, settings, witness
from tools.simulation.aws import tables
from tools.simulation.stage import Stage

Patch = tuple[Any, str, Any]  # where, which name, and what stands there instead

# limits that short histories would not reach
SMALL: tuple[Patch, ...] = (
    (dynamo, "KEYS_A_REQUEST", 2),
    (queues, "REQUEST_ENTRIES", 2),
    (queues, "REQUEST_BYTES", 2_000),
    (queues, "IDS_A_LINE", 2),
    (witness, "HASHES_A_LINE", 2),
    (tables, "PAGE_BYTES", 600),
)


class Surroundings(Protocol):
    """What the world that runs gives to whichever worker runs in it."""

    rng: random.Random
    stage: Stage

    def now_us(self) -> int: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...
    def client(self, service: str) -> Any: ...
    def settings(self, model: Any) -> Any: ...
    def witnessed(self, line: Mapping[str, Any]) -> None: ...
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
        Here.world.witnessed(extra)


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

    def token_hex(self, number: int) -> str:
        """So many bytes in hexadecimal."""
        return Here.world.rng.randbytes(number).hex()

    def token_bytes(self, number: int) -> bytes:
        """So many bytes."""
        return Here.world.rng.randbytes(number)


class Release:
    """The functions of one release: their modules, and what they are made of."""

    def __init__(self, name: str, modules: Mapping[str, ModuleType]) -> None:
        self.name, self.modules = name, modules

    def worker(self, function: str) -> Any:
        """A new worker of a function, made as it makes itself on Lambda."""
        return self.modules[function]._worker.__wrapped__()


def release(package: str, modules: Iterable[str]) -> Release:
    """lambda_src as it is: these modules of a package, and all that they import of it."""
    return Release("this", _imported(package, modules))


def later_release(package: str, modules: Iterable[str], versions: Mapping[str, Sequence[str]]) -> Release:
    """lambda_src once more, writing messages, rows and entries of the next version.

    It can read both. `versions`: the constants of a module that say what it writes.
    """
    kept = {name: sys.modules.pop(name) for name in _loaded(package)}
    try:
        found = _imported(package, modules)
    finally:
        for name in _loaded(package):
            del sys.modules[name]
        sys.modules.update(kept)
    for name, constants in versions.items():
        latest = found[name].VERSION + 1
        for constant in constants:
            setattr(found[name], constant, latest)
    return Release("later", found)


def _loaded(package: str) -> list[str]:
    return [name for name in sys.modules if name == package or name.startswith(f"{package}.")]


def _imported(package: str, modules: Iterable[str]) -> dict[str, ModuleType]:
    for module in modules:
        importlib.import_module(f"{package}.{module}")
    prefix = f"{package}."
    return {name.removeprefix(prefix): module for name, module in sys.modules.items() if name.startswith(prefix)}


def one_by_one(call: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """fanout.each in one thread, in an order that chance decides.

    As there, calls not begun when one fails are not made.
    """
    order = list(range(len(items)))
    Here.world.rng.shuffle(order)
    found: dict[int, Any] = {}
    for place in order:
        found[place] = call(items[place])
    return [found[place] for place in range(len(items))]


@contextmanager
def surrounded(more: Iterable[Patch] = (), small: Iterable[Patch] = SMALL) -> Iterator[None]:
    """Everything in its place, with what a pipeline needs more; limits are as `small` has them."""
    quiet, chance = Log(), Chance()
    patches: list[Patch] = [
        (clock, "now_us", lambda: Here.world.now_us()),
        (clock, "monotonic", lambda: Here.world.monotonic()),
        (clock, "sleep", lambda seconds: Here.world.sleep(seconds)),
        (logs, "logger", lambda: quiet),
        (logs, "metrics", Metrics),
        (logs, "count", lambda counts: None),
        (logs, "count_by", lambda name, dimension, counts: None),
        (logs, "count_always", lambda name, n: None),
        (clients, "client", lambda service, hurried=False: Here.world.client(service)),
        (settings, "load", lambda model, environ=None: Here.world.settings(model)),
        (fanout, "each", one_by_one),
        (backoff, "random", chance),
        (keys, "secrets", chance),
        *small,
    ]
    before = gc.get_threshold()
    with ExitStack() as stack:
        for where, name, what in (*patches, *more):
            stack.enter_context(mock.patch.object(where, name, what))
        # a history is many small things, and ends in one piece: looking through them all the time
        # is a third of its cost
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)
        stack.callback(gc.set_threshold, *before)
        stack.callback(gc.unfreeze)
        yield
