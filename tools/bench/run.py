"""What a run of a design took, in units and CPU."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tools.simulation.aws.meter import Meter


@dataclass
class Run:
    """A design, and what so many `items` (ballots, files, tasks) took of it.

    `memory_mb` is by stage; so are `cpu`, seconds of its handlers without the services' own, and
    `wait`, seconds that they wait for the services' answers.
    """

    design: str
    items: int
    meter: Meter
    memory_mb: dict[str, int]
    cpu: Counter[str] = field(default_factory=Counter)
    wait: Counter[str] = field(default_factory=Counter)

    def each(self, unit: str, stage: str | None = None) -> float:
        """Units an item."""
        return self.meter.total(unit, stage) / self.items

    def cpu_us(self, stage: str) -> float:
        """Microseconds of CPU an item."""
        return self.cpu[stage] / self.items * 1e6
