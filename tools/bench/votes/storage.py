"""What a run leaves in the tables, as storage is billed: GB-months of the first month."""

from __future__ import annotations

from tools.bench.votes.contenders import Design
from tools.simulation.aws.dynamodb import DynamoDB
from tools.simulation.aws.meter import Meter
from tools.simulation.aws.values import size_of_item

# Beside each item's own bytes, for its index:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
OF_AN_ITEM = 100
MONTH_DAYS = 730 / 24
STAGE = "tables"


class GbMonths:
    """GB that the design's tables came to hold, for a month, or as long as their rows are kept."""

    def __init__(self, dynamodb: DynamoDB, design: Design) -> None:
        self._dynamodb, self._design = dynamodb, design
        self._before = 0.0

    def forget(self) -> None:
        """Count what comes from now on."""
        self._before = self._now()

    def charge(self, meter: Meter) -> None:
        """Note what came, instead of what was noted before."""
        stored = self._now() - self._before
        meter.units[STAGE, "stored_gb_months"] = stored  # type: ignore[assignment]
        meter.units[STAGE, "backed_up_gb_months"] = stored * self._design.backed_up  # type: ignore[assignment]

    def _now(self) -> float:
        total = 0.0
        for name, table in self._dynamodb.tables.items():
            days = min(MONTH_DAYS, self._design.expire_days.get(name, MONTH_DAYS))
            total += days / MONTH_DAYS * sum(size_of_item(item) + OF_AN_ITEM for item in table.items.values())
        return total / 1e9
