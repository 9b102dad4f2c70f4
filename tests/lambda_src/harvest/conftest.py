"""A world in virtual time for each test of the pacer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared import logs
from tests.lambda_src.harvest.paced import World
from tests.lambda_src.harvest.toy_vendor import Vendor
from tests.support.captured import own_logger

MakeWorld = Callable[..., World]


@pytest.fixture
def world_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeWorld]:
    """Makes worlds: of a vendor's groups, limits and pacing."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "harvest-pace")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    logs.metrics.cache_clear()
    made: list[World] = []

    def make(vendor: Vendor, limits: dict[str, Any], **more: Any) -> World:
        made.append(World(vendor, limits, patch=monkeypatch, **more))
        made[-1].log = log
        return made[-1]

    with own_logger("harvest-pace") as log:
        yield make
        for world in made:
            world.close()
    logs.metrics.cache_clear()
