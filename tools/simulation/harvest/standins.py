"""What harvest's workers have around them more than every pipeline's: actors in the place of
threads, the stand-in of a vendor in the place of its address.

Limits are made small, so that short histories are past them all the time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

from harvest.parcels import Task
from harvest.vendor import Request
from harvest.vendors import monitor
from harvest.vendors.monitor import Monitor
from shared import dynamo, settings
from tools.simulation import surroundings
from tools.simulation.aws import tables
from tools.simulation.harvest.deployed import ENVIRONMENTS, FUNCTIONS
from tools.simulation.surroundings import Chance, Here, Patch, Release, surrounded

MODULES = (*FUNCTIONS, "proof")
HOSTS_A_PAGE = 4
TASK = "x-task"  # the header that tells the world whose call it is


class Told(Monitor):
    """Harvest's own vendor, whose requests say which task they are of."""

    def request(self, task: Task, since_ms: int | None) -> Request:
        """As it is, and a header more."""
        made = super().request(task, since_ms)
        return replace(made, headers={**made.headers, TASK: task.id})


@cache
def this_release() -> Release:
    """lambda_src as it is."""
    return surroundings.release("harvest", MODULES)


@cache
def settings_of(model: Any, changed: tuple[tuple[str, str], ...]) -> Any:
    """The settings of a function, with some of its variables otherwise."""
    variables: dict[str, str] = {}
    for environment in ENVIRONMENTS.values():
        variables |= environment
    return _load(model, variables | dict(changed))


_load = settings.load


@contextmanager
def installed(*, small: bool = True) -> Iterator[None]:
    """Everything in its place; limits are as they are shipped unless they are to be `small`."""
    modules = this_release().modules
    patches: list[Patch] = [
        (modules["start"], "secrets", Chance()),
        (modules["work"], "Caller", lambda url, seconds, most: Here.world.calls()),  # type: ignore[attr-defined]
        (modules["work"], "Threads", lambda most: Here.world.threads()),  # type: ignore[attr-defined]
        (modules["vendors"], "VENDORS", {"monitor": Told()}),
    ]
    if not small:
        with surrounded(patches, ()):
            yield
        return
    limits = [(monitor, "HOSTS_A_PAGE", HOSTS_A_PAGE), (dynamo, "KEYS_A_REQUEST", 8), (tables, "PAGE_BYTES", 3_000)]
    with surrounded([*patches, *limits]):
        yield
