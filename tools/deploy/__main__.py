"""`python -m tools.deploy …`: what the make targets call."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.common.commands import CommandParser
from tools.common.text import LINES, visible

MOST_SAID = 1_000_000  # characters: all that a plan changes


def main() -> int:
    """Run one command; 1 when it could not do what it is for."""
    return _parser().run()


def _plan(options: argparse.Namespace) -> int:
    from tools.deploy import plan

    return plan.run(options.env, offline=options.offline)


def _apply(options: argparse.Namespace) -> int:
    from tools.deploy import apply

    return apply.run(options.env)


def _account(options: argparse.Namespace) -> int:
    from tools.deploy import account

    return account.run(options.env, confirmed=options.confirm, work=options.folder)


def _policies(options: argparse.Namespace) -> int:
    from tools.deploy import policies
    from tools.deploy.target import Target

    if options.plan:
        return policies.run_on(options.plan, options.dir, _say)
    return policies.run(Target(options.env), _say)


def _propose(options: argparse.Namespace) -> int:
    from tools.deploy import propose
    from tools.deploy.target import Target

    run = propose.run_offline if options.offline else propose.run
    return run(Target(options.env), _say, insist=options.insist)


def _promote(options: argparse.Namespace) -> int:
    from tools.deploy import promote
    from tools.deploy.target import Target

    how = {"insist": options.insist, "reviewed_digest": options.reviewed, "dry_run": options.dry_run}
    return promote.run(Target(options.env), _say, **how)


def _drift(options: argparse.Namespace) -> int:
    from tools.deploy import drift_plan
    from tools.deploy.target import Target

    return drift_plan.run(Target(options.env), _say)


def _say(text: str) -> None:
    print(visible(text, MOST_SAID, keep=LINES), flush=True)


def _parser() -> CommandParser:
    parser = CommandParser(prog="deploy", description=__doc__)
    parser.add_variable("ENV", default="local", about="the environment")
    plan = parser.add_command("plan", _plan)
    plan.add_switch("OFFLINE", default=None, about="without credentials or a registry; as it fits, if left out")
    parser.add_command("apply", _apply)
    account = parser.add_command("account", _account)
    account.add_switch("CONFIRM", about="apply without asking")
    account.add_argument("--folder", type=Path, help="where the first state waits, instead of build/account/ENV")
    propose = parser.add_command("propose", _propose)
    propose.add_switch("OFFLINE", about="plan from an empty state, and store no digest")
    propose.add_switch("INSIST", about="go by the files as they are, committed or not")
    policies = parser.add_command("policies", _policies)
    policies.add_variable("PLAN", default="", about="anybody's plan, as `terraform show -json` gives it")
    policies.add_variable("DIR", default="", about="of PLAN: its .tf files, with the reasons written in them")
    promote = parser.add_command("promote", _promote)
    promote.add_switch("INSIST", about="go by the files as they are, committed or not")
    promote.add_switch("DRY_RUN", about="say whether it would, and apply nothing")
    promote.add_variable("REVIEWED", default="", about="the digest of the changes that a person has read since")
    parser.add_command("drift", _drift)
    return parser


if __name__ == "__main__":
    sys.exit(main())
