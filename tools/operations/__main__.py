"""`python -m tools.operations …`: what the make targets call."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from rich.console import Console

from tools.common.commands import CommandParser, Work
from tools.common.errors import CommandError
from tools.environment.pipeline_rooms import having
from tools.operations import (
    conservation,
    logs,
    mapping,
    preflight,
    redrive_command,
    rollback,
    smoke,
    soak,
    status,
    variables,
)
from tools.operations.deployment import Deployment, find, find_all
from tools.operations.harvest import prove, runs
from tools.operations.pipeline import ROOM, Pipeline, pipeline_of
from tools.operations.receipts import batch, review
from tools.operations.unknown_pipeline import unknown_pipeline
from tools.operations.votes import catalogue, erase, import_ballots, mend, recount, witnesses

Operation = Callable[[Deployment, Console, argparse.Namespace], int]

OWN = "docs/how-to/own-pipeline.md"


def main() -> int:
    """Run one operation; 1 when it could not, or when an audit found a difference."""
    return _parser().run()


def _on_deployment(work: Operation) -> Work:
    """The work on the pipeline that ENV and PIPELINE name; the local one where they name none."""
    return lambda options: work(find(options.env or "local", options.pipeline), Console(), options)


def _on_own(pipeline: str, work: Operation) -> Work:
    """The same for what is of one pipeline alone, which PIPELINE need not name."""

    def checked(options: argparse.Namespace) -> int:
        if options.pipeline not in ("", pipeline):
            told = f"this is of {pipeline} alone; `make` says what works on {options.pipeline} too"
            raise CommandError(told)
        return work(find(options.env or "local", pipeline), Console(), options)

    return checked


def _pipeline(deployment: Deployment) -> Pipeline:
    return _ours(deployment) or unknown_pipeline(deployment)


def _ours(deployment: Deployment) -> Pipeline | None:
    """What is known of a pipeline in its room; nothing of one that has none."""
    known = deployment.pipeline in having(ROOM, "pipeline.py")
    return pipeline_of(deployment.pipeline) if known else None


def _places(options: argparse.Namespace) -> list[Deployment]:
    """The pipeline that PIPELINE names, or every one of the environment where it names none."""
    environment = options.env or "local"
    return [find(environment, options.pipeline)] if options.pipeline else find_all(environment)


def _ordered(options: argparse.Namespace, console: Console) -> list[tuple[Deployment, Pipeline]]:
    """Of those, the ones of which it is known in which order they go back; the others are named.

    Raises CommandError where there is none.
    """
    places = [(one, _pipeline(one)) for one in _places(options)]
    ordered = [place for place in places if place[1].rollback_order]
    if unsaid := ", ".join(one.pipeline for one, pipeline in places if not pipeline.rollback_order):
        told = f"{unsaid} stays: its output does not say in which order its functions go back (rollback_order, {OWN})"
        if not ordered:
            raise CommandError(told)
        console.print(told, soft_wrap=True, highlight=False, markup=False)
    return ordered


def _preflight(options: argparse.Namespace) -> int:
    return preflight.run(options.env or "prod", Console(), new_account=options.offline)


def _status(options: argparse.Namespace) -> int:
    return status.run([(one, _pipeline(one)) for one in _places(options)], Console())


def _mapping(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    chosen = mapping.Options(options.function, options.on, options.confirm)
    return mapping.run(deployment, console, chosen, _pipeline(deployment))


def _logs(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    chosen = logs.Options(options.function, options.since, options.lines, options.raw, options.follow)
    return logs.run(deployment, console, chosen)


def _catalogue(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    return catalogue.run(deployment, console, catalogue.Options(options.file, options.dry_run, options.confirm))


def _import(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    chosen = import_ballots.Options(
        options.file,
        options.since,
        options.columns,
        options.scores,
        options.times,
        options.issuer,
        options.rate,
        options.fresh,
        options.dry_run,
        options.confirm,
    )
    return import_ballots.run(deployment, console, chosen)


def _recount(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    chosen = recount.Options(options.title, options.fresh, options.repair, options.confirm)
    return recount.run(deployment, console, chosen)


def _mend(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    if options.shard is None or options.entry is None:
        raise CommandError(
            "say which: make mend SHARD=2 ENTRY=17 (the log's line of the shard that stopped names it: `make logs`)"
        )
    return mend.run(deployment, console, mend.Options(options.shard, options.entry, options.insist, options.confirm))


def _erase(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    return erase.run(deployment, console, erase.Options(options.voter, options.confirm))


def _conservation(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    if deployment.pipeline == "votes":
        return witnesses.run(deployment, console, minutes=options.minutes)
    if options.minutes:
        raise CommandError("MINUTES is of votes alone: the deployed check looks back as far as its module says")
    return conservation.run(deployment, console)


def _batch(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    return batch.run(deployment, console, batch.Options(options.batch, options.most))


def _review(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    chosen = review.Options(
        options.batch, options.most, options.file, options.receipt, options.fields, options.accept, options.confirm
    )
    return review.run(deployment, console, chosen)


def _runs(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    chosen = runs.Options(
        options.run,
        options.follow,
        options.pause,
        options.resume,
        options.cancel,
        options.rate,
        options.cap,
        options.start,
        options.groups,
        options.since,
        options.confirm,
    )
    return runs.run(deployment, console, chosen)


def _proof(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    return prove.run(deployment, console, options.run)


def _redrive(deployment: Deployment, console: Console, options: argparse.Namespace) -> int:
    chosen = redrive_command.Options(
        options.queue,
        options.reason,
        options.most,
        options.rate,
        options.confirm,
        options.dry_run,
        options.quarantine,
    )
    return redrive_command.run(deployment, console, chosen, _pipeline(deployment))


def _smoke(options: argparse.Namespace) -> int:
    """Each pipeline in turn, and 1 where one fails: the others are tried still."""
    console = Console()
    return max([smoke.run(one, console, _pipeline(one)) for one in _places(options)])


def _soak(options: argparse.Namespace) -> int:
    return soak.run([(one, _pipeline(one)) for one in _places(options)], Console(), soak.Options(options.minutes))


def _rollback(options: argparse.Namespace) -> int:
    console = Console()
    return rollback.run(_ordered(options, console), console, dry_run=options.dry_run)


def _parser() -> CommandParser:
    parser = CommandParser(prog="operations", description=__doc__)
    parser.add_variable("ENV", about="the environment: local (of `make up`), dev, staging, prod")
    parser.add_variable("PIPELINE", default="", about="the pipeline; of status, smoke, soak and rollback: all")
    parser.add_command("preflight", _preflight).add_switch("OFFLINE", about="compare with a new account's quotas")
    parser.add_command("status", _status)
    variables.logs(parser.add_command("logs", _on_deployment(_logs)))
    variables.mapping(parser.add_command("mapping", _on_deployment(_mapping)))
    variables.redrive(parser.add_command("redrive", _on_deployment(_redrive)))
    catalogue = parser.add_command("catalogue", _on_own("votes", _catalogue))
    catalogue.add_variable("FILE")
    catalogue.add_switch("DRY_RUN")
    catalogue.add_switch("CONFIRM", about="also what removes a window")
    variables.import_ballots(parser.add_command("import", _on_own("votes", _import)))
    conserved = parser.add_command("conservation", _on_deployment(_conservation))
    conserved.add_variable("MINUTES", float, about="as far as the deployed check looks, if left out")
    recount = parser.add_command("recount", _on_own("votes", _recount))
    recount.add_variable("TITLE")
    recount.add_switch("FRESH", about="do not go on with an audit that was broken off")
    recount.add_switch("REPAIR")
    recount.add_switch("CONFIRM")
    mend = parser.add_command("mend", _on_own("votes", _mend))
    mend.add_variable("SHARD", int)
    mend.add_variable("ENTRY", int)
    mend.add_switch("INSIST", about="it is damaged, whatever speaks against it")
    mend.add_switch("CONFIRM")
    erase = parser.add_command("erase", _on_own("votes", _erase))
    erase.add_variable("VOTER", default="")
    erase.add_switch("CONFIRM")
    _add_receipts(parser)
    variables.runs(parser.add_command("runs", _on_own("harvest", _runs)))
    parser.add_command("proof", _on_own("harvest", _proof)).add_variable("RUN", default="")
    parser.add_command("smoke", _smoke)
    parser.add_command("soak", _soak).add_variable("MINUTES", float, 10)
    parser.add_command("rollback", _rollback).add_switch("DRY_RUN")
    return parser


def _add_receipts(parser: CommandParser) -> None:
    account = parser.add_command("batch", _on_own("receipts", _batch))
    account.add_variable("BATCH", default="")
    account.add_variable("MOST", int, 500, about="files listed")
    unsure = parser.add_command("review", _on_own("receipts", _review))
    unsure.add_variable("BATCH", default="", about="of this one alone")
    unsure.add_variable("MOST", int, 100, about="files listed")
    unsure.add_variable("FILE", default="", about="of BATCH: close its review")
    unsure.add_variable("RECEIPT", int, 0, about="its number in the file")
    unsure.add_variable("FIELDS", default="", about="what is right: date=2026-03-04; total=12.50")
    unsure.add_switch("ACCEPT", about="all else is right as it was read")
    unsure.add_switch("CONFIRM")


if __name__ == "__main__":
    sys.exit(main())
