"""`python -m demo`: what `make demo` calls."""

from __future__ import annotations

import argparse
import sys

from demo.demo import demo
from devcloud.runs import told


def main() -> int:
    """Run the demo; 0 only when everything was counted as a direct count says."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--ballots", type=int, default=3_600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    return told("demo", lambda: demo(options.ballots, options.seed))


if __name__ == "__main__":
    sys.exit(main())
