"""`python -m devcloud …`: what the make targets call."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from devcloud.runs import Run, told


def main() -> int:
    """Run one command; 1 when it could not do what it is for."""
    options = _parser().parse_args()
    return told(options.command, lambda: int(options.work(options)))


def _up(options: argparse.Namespace) -> int:
    from devcloud import stack

    run = Run.named("local")
    with run.locked():
        stack.up(run, print, port=options.port)
    print(f"up: {run.outputs()['votes_api_url']}/v1/ballots takes ballots; outputs are in {run.outputs_file}")
    return 0


def _down(_: argparse.Namespace) -> int:
    from devcloud import stack

    run = Run.named("local")
    with run.locked():
        print("stopped; all that it held is gone" if stack.down(run) else "nothing was up")
    return 0


def _plan(options: argparse.Namespace) -> int:
    from devcloud import plan

    offline = {"1": True, "0": False}.get(os.environ.get("OFFLINE", ""))
    return plan.plan(options.environment, offline=offline)


def _apply(options: argparse.Namespace) -> int:
    from devcloud import plan

    return plan.apply(options.environment)


def _account(options: argparse.Namespace) -> int:
    from devcloud import account

    return account.account(options.environment, confirmed=options.confirm, work=options.folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="devcloud", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up")
    up.add_argument("--port", type=int, default=None, help="a fixed port instead of any free one")
    up.set_defaults(work=_up)
    commands.add_parser("down").set_defaults(work=_down)
    for name, work in (("plan", _plan), ("apply", _apply)):
        one = commands.add_parser(name)
        one.add_argument("environment", nargs="?", default="")
        one.set_defaults(work=work)
    once = commands.add_parser("account")
    once.add_argument("environment", nargs="?", default="")
    once.add_argument("--confirm", action="store_true", help="apply without asking")
    once.add_argument("--folder", type=Path, default=None, help="where the first state waits, instead of build/account/ENV")
    once.set_defaults(work=_account)
    return parser


if __name__ == "__main__":
    sys.exit(main())
