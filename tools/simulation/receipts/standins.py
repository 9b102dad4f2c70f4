"""The releases of receipts that a world runs, and what their workers have around them more than
every pipeline's.

Limits are made small, so that short histories are past them all the time: rows of a manifest,
ranges of an archive, pages of an account and of the index, blocks of an object.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from receipts.labels import AnswerInvalid
from receipts.sniff import ImageRefused
from shared import settings, strict_json
from tools.simulation import surroundings
from tools.simulation.receipts import contents
from tools.simulation.receipts.deployed import ENVIRONMENTS, FUNCTIONS
from tools.simulation.surroundings import Here, Patch, Release, surrounded

MODULES = (*FUNCTIONS, "agent.process")
SMALL = {
    "rows": {"SLOTS_A_ROW": 2, "WAITING_SHARDS": 2},
    "accept": {"SLOTS_A_ROW": 2},
    "archive": {"RANGE_ENTRIES": 2, "MOST_ENTRIES": 8},
    "account": {"FILES_A_PAGE": 2},
    "ranged": {"BLOCK_BYTES": 256, "TAIL_BYTES": 300},
    "sweep": {"WAITING_SHARDS": 2, "MOST_A_SHARD": 3, "OUTCOMES_A_ROW": 2},
    "agent.process": {"LOOK_SECONDS": 60},  # nobody tells it to end
    "delivery.pace": {"LEAST_ROWS": 2, "STEP_ROWS": 1},
}


@cache
def this_release() -> Release:
    """lambda_src as it is."""
    return surroundings.release("receipts", MODULES)


@cache
def later_release() -> Release:
    """The release after this one, which writes version 2 of rows, messages and documents."""
    versioned = ("messages", "delivery.messages", "rows")
    found = surroundings.later_release("receipts", MODULES, dict.fromkeys(versioned, ("VERSION",)))
    messages: Any = found.modules["messages"]
    deliveries: Any = found.modules["delivery.messages"]
    documents: Any = found.modules["documents"]
    decode = documents.decode

    def encode_message(message: Any) -> str:
        return strict_json.canonical({**message.model_dump(exclude_none=True), "v": 2})

    def encode_document(document: Any) -> bytes:
        return strict_json.canonical({**document.model_dump(), "v": 2}).encode("ascii")

    def decode_document(content: bytes) -> Any:
        held = json.loads(content)
        return decode(strict_json.canonical({**held, "v": 1}).encode() if held["v"] == 2 else content)

    messages.encode = deliveries.encode = encode_message
    documents.encode, documents.decode = encode_document, decode_document
    return found


@cache
def settings_of(model: Any, lanes: int) -> Any:
    """The settings of a function, where there are so many lanes."""
    variables: dict[str, str] = {}
    for environment in ENVIRONMENTS.values():
        variables |= environment
    return _load(model, variables | {"LANES": str(lanes)})


_load = settings.load


@contextmanager
def installed(*, small: bool = True) -> Iterator[None]:
    """Everything in its place; limits are as they are shipped unless they are to be `small`."""
    limits = SMALL if small else {}
    patches = [*_patches(this_release(), limits), *_patches(later_release(), limits)]
    with surrounded(patches) if small else surrounded(patches, ()):
        yield


def _patches(release: Release, small: Mapping[str, Mapping[str, int]]) -> Iterator[Patch]:
    modules = release.modules
    for name, limits in small.items():
        for limit, value in limits.items():
            yield modules[name], limit, value
    yield modules["image"], "prepare", _prepare(modules)
    yield modules["labels"], "receipts_of", _receipts_of(modules)
    yield modules["delivery.postgres"], "connect", _connect(modules)
    yield modules["deliver"].Deliver.__init__, "__defaults__", (_connect(modules),)


def _connect(modules: Any) -> Any:
    """The simulated database, with this release's own errors."""

    def connect(login: Any, lane: str, table: str) -> Any:
        world: Any = Here.world
        assert table == "receipts"
        return world.connect(modules["delivery.port"], lane, login.password.get_secret_value())

    return connect


def _prepare(modules: Any) -> Any:
    """Decoding stood in, with this release's own classes."""
    refused, prepared, page = (getattr(modules["image"], name) for name in ("ImageRefused", "Prepared", "Page"))

    def prepare(content: bytes) -> Any:
        try:
            made = contents.prepare(content)
        except ImageRefused as error:
            raise refused(error.reason, error.detail) from None
        return prepared(made.kind, tuple(page(*one) for one in made.pages), made.notes)

    return prepare


def _receipts_of(modules: Any) -> Any:
    """The rules, remembered; with this release's own error."""
    invalid = modules["labels"].AnswerInvalid

    def receipts_of(answer: Any, hints: Any) -> Any:
        try:
            return contents.receipts_of(answer, contents.HINTS)
        except AnswerInvalid as error:
            raise invalid(str(error)) from None

    return receipts_of
