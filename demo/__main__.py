"""`python -m demo`: what `make demo` and `make chaos` call."""

from __future__ import annotations

import argparse
import sys

from demo.chaos import chaos
from demo.demo import demo
from devcloud.runs import told


def main() -> int:
    """Run the demo, or chaos; 0 only when everything was counted as a direct count says."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("demo", "chaos"), default="demo")
    parser.add_argument("--ballots", type=int, default=3_600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    work = {"demo": demo, "chaos": chaos}[options.what]
    return told(options.what, lambda: work(options.ballots, options.seed))


if __name__ == "__main__":
    sys.exit(main())
