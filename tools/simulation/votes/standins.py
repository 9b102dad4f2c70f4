"""The releases of votes that a world runs, and what their workers have around them more than every
pipeline's.

Limits are made small, so that short histories are past them all the time: entries, messages,
requests and pages are cut.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from shared import settings
from tools.simulation import surroundings
from tools.simulation.surroundings import Chance, Patch, Release, surrounded
from tools.simulation.votes.deployed import ENVIRONMENTS, FUNCTIONS

MODULES = (*FUNCTIONS, "recount", "repair")
SMALL = {
    "batch": {"MOST_OBJECTS": 2},
    "catalogue": {"MOST_KEPT": 3},
    "entry": {"MOST_CHANGES": 3, "LARGEST_BYTES": 215, "MOST_VOTES": 5},
    "last_entry": {"HEAD_EVERY": 3, "MOST_VERIFIED": 2},
    "journal": {"PUTS_A_CALL": 2, "GETS_A_CALL": 2, "FIRST_PAGE": 2, "LARGEST_PAGE": 3},
    "messages": {"MESSAGE_BYTES": 800},
    "folding": {"MOST_BYTES": 110},
    "process": {"RECORDS_A_CHECK": 2, "MESSAGES_A_CHECK": 3},
}
VERSIONED = {
    "messages": ("VERSION",),
    "rows": ("PLAIN_VERSION", "PACKED_VERSION", "VERSION"),
    "aspects": ("VERSION",),
    "tallies": ("VERSION",),
    "entry": ("BALLOTS_VERSION", "VERSION"),
}


@cache
def this_release() -> Release:
    """lambda_src as it is."""
    return surroundings.release("votes", MODULES)


@cache
def later_release() -> Release:
    """The release after this one."""
    return surroundings.later_release("votes", MODULES, VERSIONED)


@cache
def settings_of(model: Any, shards: int) -> Any:
    """The settings of a function, where there are so many shards."""
    variables: dict[str, str] = {}
    for environment in ENVIRONMENTS.values():
        variables |= environment
    return _load(model, variables | {"SHARDS": str(shards)})


_load = settings.load


@contextmanager
def installed() -> Iterator[None]:
    """Everything in its place."""
    with surrounded([*_patches(this_release()), *_patches(later_release())]):
        yield


def _patches(release: Release) -> Iterator[Patch]:
    modules = release.modules
    yield modules["stamps"], "secrets", Chance()
    for name, limits in SMALL.items():
        for limit, value in limits.items():
            yield modules[name], limit, value
    yield modules["settings"]._Voting, "rules", _remembered(modules["settings"]._Voting.rules)


def _remembered(rules: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Rules are models of Pydantic's, which take longer to build than a history to run."""
    kept: dict[Any, Any] = {}

    def remembered(config: Any) -> Any:
        key = (tuple(config.aspects), config.scale.lowest, config.scale.highest)
        if key not in kept:
            kept[key] = rules(config)
        return kept[key]

    return remembered
