"""`python -m operations …`: what the make targets call."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console

from devcloud.runs import LocalCloudError, Run, told
from operations import catalogue, logs, recount, redrive, status
from operations.place import Place, find
from operations.queues import depth


def main() -> int:
    """Run one operation; 1 when it could not, or when an audit found a difference."""
    options = _parser().parse_args()

    def work() -> int:
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
    return recount.show(place, console, title=options.title)


def _redrive(place: Place, console: Console, options: argparse.Namespace) -> int:
    queues = place.outputs["queues"]
    if options.most < 1 or options.rate < 1:
        raise LocalCloudError("MOST and RATE must be at least 1: how many messages to move, and how many a second")
    sqs = place.client("sqs")
    if options.queue not in queues:
        for name, queue in queues.items():
            console.print(f"{name}: {depth(sqs, queue['dead_letter_url']).total} dead letters")
        raise LocalCloudError(f"say which: make redrive QUEUE={'|'.join(queues)}")
    queue = queues[options.queue]
    held = depth(sqs, queue["dead_letter_url"]).total
    groups = redrive.inspect(sqs, queue["dead_letter_url"])
    console.print(f"{options.queue}: {held} dead letters" + (f", {groups.total()} of them looked at:" if groups else ""))
    for (what, group), count in groups.most_common():
        console.print(f"  {count} × {what}" + (f", group {group}" if group else ""), highlight=False)
    if not groups:
        return 0
    if not options.confirm and not _agreed(console, options.queue):
        return 0
    moved = redrive.move(
        sqs,
        queue["dead_letter_url"],
        queue["url"],
        most=options.most,
        rate=options.rate,
        told=lambda line: print(json.dumps({"redriven": options.queue} | line)),
    )
    left = depth(sqs, queue["dead_letter_url"]).total
    console.print(f"{moved.count} moved back to {options.queue}, {left} left")
    return 0


def _agreed(console: Console, queue: str) -> bool:
    if sys.stdin.isatty():
        return console.input("Move them back? [y/N] ").strip().lower() in ("y", "yes")
    console.print(f"nothing was moved: `make redrive QUEUE={queue} CONFIRM=yes` moves them back")
    return False


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
    back.add_argument("--confirm", action="store_true")
    back.add_argument("--most", type=int, default=1_000)
    back.add_argument("--rate", type=float, default=50.0, help="messages a second")
    back.set_defaults(work=_redrive)
    titles = kinds.add_parser("catalogue")
    titles.add_argument("--file", default="")
    titles.set_defaults(work=_catalogue)
    audit = kinds.add_parser("recount")
    audit.add_argument("--title", default=None)
    audit.set_defaults(work=_recount)
    return parser


if __name__ == "__main__":
    sys.exit(main())
