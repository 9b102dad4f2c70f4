"""A small tree to package, and where this project's own is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packager.build import Inputs, build
from packager.target import TARGETS

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements/functions.txt"

SMALL = {
    "shop/__init__.py": '"""A pipeline."""\n',
    "shop/order.py": "import jmespath\nfrom shared.clock import now\nfrom shop import prices\n\ndef handler(event, _): return now()\n",
    "shop/pay_back.py": "import json\n\ndef handler(event, context):\n    from shop import refunds\n\n    return refunds.ALL\n",
    "shop/prices.py": "OF = {'tea': 3}\n",
    "shop/refunds.py": "ALL = []\n",
    "shop/unused.py": "",
    "shared/__init__.py": "",
    "shared/clock.py": "import time\n\ndef now():\n    return time.time_ns()\n",
}


@dataclass
class Project:
    """A tree to package; `build` builds its target "local" and returns the manifest, `said` is what it told people."""

    source: Path
    lock: Path
    cache: Path
    out: Path
    said: list[str]

    def build(self, target: str = "local") -> dict[str, Any]:
        return build(TARGETS[target], Inputs(self.source, self.lock, self.cache), self.out, self.said.append)
