"""`python -m tools.bench.harvest`: what `make bench PIPELINE=harvest` calls.

Every design harvests the same vendor in virtual time; writes build/bench-harvest/.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.bench.command import Bench, main, say
from tools.bench.harvest import report
from tools.bench.harvest.trial import Terms
from tools.bench.harvest.trials import trials
from tools.common.paths import BUILD

Json = dict[str, Any]


def count(full: bool) -> Json:
    """Every design, side by side. `full`: 20,000 calls instead of 10,000."""
    terms = Terms(calls=20_000 if full else 10_000)
    return {"terms": asdict(terms), "designs": trials(terms, say)}


def _draw(_: Json, __: Path) -> None:
    """Nothing: the demo has the picture."""


BENCH = Bench(BUILD / "bench-harvest", count, lambda _: {}, report.tables, _draw, ())

if __name__ == "__main__":
    sys.exit(main(BENCH, __doc__))
