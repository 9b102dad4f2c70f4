"""A harvest to operate on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.lambda_src.harvest.conftest import MakeWorld, world_of
from tests.lambda_src.harvest.toy_vendor import Vendor
from tests.operations.harvest.operated_harvest import OperatedHarvest

__all__ = ["harvest", "harvest_of", "world_of"]

LIMITS = {"limits": [{"calls": 20, "seconds": 1}]}
MakeHarvest = Callable[[Vendor], OperatedHarvest]


@pytest.fixture
def harvest_of(world_of: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> MakeHarvest:
    """Makes one, of a vendor's groups."""
    return lambda vendor: OperatedHarvest(world_of(vendor, LIMITS), monkeypatch)


@pytest.fixture
def harvest(harvest_of: MakeHarvest) -> OperatedHarvest:
    """One of two groups, of 47 calls."""
    return harvest_of(Vendor({"big": 9, "small": 2}, 3))
