"""`python -m tools.aws_schemas check`, a part of `make check`: plan every environment and account,
and hold each planned value and policy to what AWS publishes.

`… table` writes the table of what is covered into its document.
"""

from __future__ import annotations

import argparse
import sys

from tools.aws_schemas import check, coverage
from tools.common.commands import CommandParser
from tools.common.paths import ROOT


def _check(_: argparse.Namespace) -> int:
    wrong, judged, uncovered = 0, 0, set()
    for name, plan in check.plans(check.roots()):
        judged += len(plan["resource_changes"])
        uncovered |= coverage.uncovered_types(plan)
        for one in check.refused(plan):
            print(f"environments/{name}: {check.said(one, plan, ROOT / 'environments' / name)}", file=sys.stderr)
            wrong += 1
    print(f"{judged} planned resources held to AWS's schemas and policies; {wrong} values refused")
    print(f"not covered: {', '.join(sorted(uncovered)) or 'no planned type'} ({coverage.DOCUMENT.relative_to(ROOT)})")
    return 1 if wrong else 0


def _table(_: argparse.Namespace) -> int:
    coverage.write()
    return 0


def main() -> int:
    """Do the command; 1 where AWS would refuse something."""
    parser = CommandParser(prog="aws_schemas", description=__doc__.split("\n")[0])
    parser.add_command("check", _check)
    parser.add_command("table", _table)
    return parser.run()


if __name__ == "__main__":
    sys.exit(main())
