"""Fixtures of the receipts' unit tests."""

import random
from collections.abc import Iterator

import pytest

from shared import clock, logs
from tests.lambda_src.receipts.delivering import Delivering
from tests.lambda_src.receipts.reading import World
from tests.lambda_src.receipts.receiving import Receiving
from tests.lambda_src.receipts.tables import NOW_US, Tables
from tests.simulation.aws.backends import Shapes
from tests.support.captured import Log, own_logger
from tools.simulation.aws.cloud import Cloud


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW_US

    def now_us(self) -> int:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += int(seconds * 1_000_000)


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """What a function logs."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "receipts")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
    logs.metrics.cache_clear()
    with own_logger("receipts") as made:
        yield made
    logs.metrics.cache_clear()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The functions' clock, at 2026-11-21T08:00:00Z; sleeping takes none of it."""
    made = Clock()
    monkeypatch.setattr(clock, "now_us", made.now_us)
    monkeypatch.setattr(clock, "sleep", lambda seconds: None)
    return made


@pytest.fixture
def simulated(time: Clock) -> Cloud:
    """A simulated cloud, whose requests and answers are held to AWS's shapes."""
    return Cloud(time.now_us, random.Random(5), Shapes())


@pytest.fixture
def tables(simulated: Cloud) -> Tables:
    """The receipts' tables, empty."""
    return Tables(simulated)


@pytest.fixture
def world(simulated: Cloud, tables: Tables) -> World:
    """Empty services, and a new worker."""
    return World(simulated, tables)


@pytest.fixture
def receiving(simulated: Cloud, tables: Tables) -> Receiving:
    """The pipeline up to its image queue."""
    return Receiving(simulated, tables)


@pytest.fixture
def delivering(simulated: Cloud, tables: Tables) -> Delivering:
    """A batch whose files are read, and the pipeline behind `read`."""
    return Delivering(simulated, tables)
