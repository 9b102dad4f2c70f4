"""`python -m operations …`: what the make targets call."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from devcloud.runs import LocalCloudError, Run, told
from operations import catalogue, erase, logs, mend, preflight, recount, redrive_command, rollback, smoke, soak, status, witnesses
from operations.place import Place, find
from operations.redrive_command import Order


def main() -> int:
    """Run one operation; 1 when it could not, or when an audit found a difference."""
    options = _parser().parse_args()

    def work() -> int:
        if options.operation == "preflight":  # before there is anything to work on
            return preflight.run(options.env, Console())
        place = Place.local(Run.named(options.run)) if options.run else find(options.env)
        return int(options.work(place, Console(), options))

    return told(options.operation, work)


def _status(place: Place, console: Console, _: argparse.Namespace) -> int:
    status.show(place, console)
    return 0


def _logs(place: Place, console: Console, options: argparse.Namespace) -> int:
    logs.show(place, console, function=options.function, minutes=options.since, lines=options.lines)
    return 0


def _catalogue(place: Place, console: Console, options: argparse.Namespace) -> int:
    if not options.file:
        raise LocalCloudError("FILE is missing, as in `make catalogue FILE=titles.csv`: CSV with title_id[,name][,opens][,closes]")
    console.print(
        f"{catalogue.load(place, Path(options.file))} titles are in the catalogue of {place.name}; functions see them within a minute"
    )
    return 0


def _recount(place: Place, console: Console, options: argparse.Namespace) -> int:
    return recount.run(place, console, recount.Order(options.title, options.fresh, options.repair, options.confirm))


def _mend(place: Place, console: Console, options: argparse.Namespace) -> int:
    if options.shard is None or options.entry is None:
        raise LocalCloudError("say which: make mend SHARD=2 ENTRY=17 (the log's line of the shard that stopped names it: `make logs`)")
    return mend.run(place, console, mend.Order(options.shard, options.entry, options.insist, options.confirm))


def _erase(place: Place, console: Console, options: argparse.Namespace) -> int:
    return erase.run(place, console, erase.Order(options.voter, options.confirm))


def _conservation(place: Place, console: Console, options: argparse.Namespace) -> int:
    return witnesses.show(place, console, minutes=options.since)


def _redrive(place: Place, console: Console, options: argparse.Namespace) -> int:
    order = Order(options.queue, options.reason, options.most, options.rate, options.confirm, options.dry_run)
    return redrive_command.run(place, console, order)


def _smoke(place: Place, console: Console, _: argparse.Namespace) -> int:
    return smoke.run(place, console)


def _soak(place: Place, console: Console, options: argparse.Namespace) -> int:
    return soak.run(place, console, soak.Order(options.minutes))


def _rollback(place: Place, console: Console, options: argparse.Namespace) -> int:
    return rollback.run(place, console, dry_run=options.dry_run)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="operations", description=__doc__)
    parser.add_argument("--env", default="local", help="the environment: local (of `make up`), dev, staging, prod")
    parser.add_argument("--run", help="another run of the local cloud: the name of its folder in build/")
    kinds = parser.add_subparsers(dest="operation", required=True)
    kinds.add_parser("status").set_defaults(work=_status)
    log = kinds.add_parser("logs")
    log.add_argument("--function", default=None)
    log.add_argument("--since", type=float, default=15, help="minutes")
    log.add_argument("--lines", type=int, default=200)
    log.set_defaults(work=_logs)
    back = kinds.add_parser("redrive")
    back.add_argument("--queue", default="")
    back.add_argument("--reason", default="", help="of quarantine: which to send back")
    back.add_argument("--confirm", action="store_true")
    back.add_argument("--dry-run", action="store_true")
    back.add_argument("--most", type=int, default=1_000)
    back.add_argument("--rate", type=float, default=50.0, help="messages a second")
    back.set_defaults(work=_redrive)
    titles = kinds.add_parser("catalogue")
    titles.add_argument("--file", default="")
    titles.set_defaults(work=_catalogue)
    conservation = kinds.add_parser("conservation")
    conservation.add_argument("--since", type=float, default=None, help="minutes; as far as the deployed check looks, if left out")
    conservation.set_defaults(work=_conservation)
    audit = kinds.add_parser("recount")
    audit.add_argument("--title", default=None)
    audit.add_argument("--fresh", action="store_true", help="do not go on with an audit that was broken off")
    audit.add_argument("--repair", action="store_true")
    audit.add_argument("--confirm", action="store_true")
    audit.set_defaults(work=_recount)
    entry = kinds.add_parser("mend")
    entry.add_argument("--shard", type=int, default=None)
    entry.add_argument("--entry", type=int, default=None)
    entry.add_argument("--insist", action="store_true", help="it is damaged, whatever speaks against it")
    entry.add_argument("--confirm", action="store_true")
    entry.set_defaults(work=_mend)
    voter = kinds.add_parser("erase")
    voter.add_argument("--voter", default="")
    voter.add_argument("--confirm", action="store_true")
    voter.set_defaults(work=_erase)
    kinds.add_parser("smoke").set_defaults(work=_smoke)
    held = kinds.add_parser("soak")
    held.add_argument("--minutes", type=float, default=10)
    held.set_defaults(work=_soak)
    kinds.add_parser("preflight")
    before = kinds.add_parser("rollback")
    before.add_argument("--dry-run", action="store_true")
    before.set_defaults(work=_rollback)
    return parser


if __name__ == "__main__":
    sys.exit(main())
