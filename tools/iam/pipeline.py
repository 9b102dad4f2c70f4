"""What the general part asks of a pipeline whose roles are held to its calls.

`tools/iam/<pipeline>/pipeline.py` has one of these as PIPELINE.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.simulation.aws.actions import Where
from tools.simulation.aws.used import Used
from tools.simulation.deployed import Deployed


@dataclass(frozen=True)
class Pipeline:
    """A pipeline.

    `name` is that of its module in an environment ("votes"), `simulation` the package whose seeded
    histories record its calls, and `deployed` what those run on. `rare` gives the rights used in
    what no history brings about. `unknown_before_apply` are functions whose policy no plan knows.
    """

    name: str
    simulation: str
    deployed: Deployed
    rare: Callable[[], set[Used]]
    unknown_before_apply: frozenset[str] = frozenset()

    @property
    def functions(self) -> tuple[str, ...]:
        """Its functions, in the order in which tables have them."""
        return tuple(self.deployed.timeouts)

    @property
    def where(self) -> Where:
        """Where its seeded histories are."""
        return Where(self.deployed.account)


def pipelines() -> list[Pipeline]:
    """All there are."""
    files = sorted(Path(__file__).parent.glob("*/pipeline.py"))
    return [importlib.import_module(f"tools.iam.{file.parent.name}.pipeline").PIPELINE for file in files]
