"""A small tree to package, and where this project's own is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.packager.build import Inputs, build
from tools.packager.target import TARGETS

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements/functions.txt"

SMALL = {
    "shop/__init__.py": '"""A pipeline."""\n',
    "shop/order.py": (
        "import jmespath\nfrom shared.clock import now\nfrom shop import prices\n\n"
        "def handler(event, _): return now()\n"
    ),
    "shop/pay_back.py": (
        "import json\n\ndef handler(event, context):\n    from shop import refunds\n\n    return refunds.ALL\n"
    ),
    "shop/prices.py": "OF = {'tea': 3}\n",
    "shop/refunds.py": "ALL = []\n",
    "shop/unused.py": "",
    "shared/__init__.py": "",
    "shared/clock.py": "import time\n\ndef now():\n    return time.time_ns()\n",
}


@dataclass
class Project:
    """A tree to package; `printed` is what its builds said to people."""

    source: Path
    lock: Path
    cache: Path
    out: Path
    printed: list[str]

    def build(self, target: str = "local", *, quick: bool = False) -> dict[str, Any]:
        """Build a target, and return the manifest."""
        return build(
            TARGETS[target], Inputs(self.source, self.lock, self.cache, quick=quick), self.out, self.printed.append
        )
