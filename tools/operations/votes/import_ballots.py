"""`make import FILE=…`: ballots from another system, with their own times, by the ingest queue.

Each message says that its ballots were received when they were cast: so the rules of time, and the
catalogue's windows, judge them as of then. Only who may send to the ingest queue can say that; what
comes over HTTP is stamped by receive. Ids follow from what a ballot says, so the same file is the
same ballots however often it is sent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from shared import clock
from tools.common.confirm import confirmed
from tools.common.errors import CommandError
from tools.common.text import visible
from tools.operations.audit import Audit
from tools.operations.deployment import Deployment
from tools.operations.redrive import Pace
from tools.operations.votes import import_file, import_rules
from tools.operations.votes.catalogue_changes import rows_of
from tools.operations.votes.import_file import Row
from tools.operations.votes.import_rules import Meaning
from tools.operations.votes.import_state import Kept
from votes import messages
from votes.ballot import Ballot
from votes.catalogue import BadRow, read_window
from votes.rules import Rules

ROWS_A_STEP = 5_000  # in memory at once; an import that breaks off sends no more than those again
SPAN_US = 29 * 86_400 * 1_000_000  # of a message's times: less than a stamp may be behind
LEAST_RATE, MOST_RATE = 1.0, 5_000.0


@dataclass(frozen=True)
class Options:
    """What a person asked for; see `Meaning` for how rows are read. `rate`: ballots a second."""

    file: str | None
    since: str | None = None
    columns: str = ""
    scores: str = ""
    times: str = "rfc3339"
    issuer: str | None = None
    rate: float = 200.0
    fresh: bool = False
    dry_run: bool = False
    confirm: bool = False

    @property
    def how(self) -> str:
        """What makes another import of the same file."""
        return repr((self.since, self.columns, self.scores, self.times, self.issuer, self.dry_run))


class Packed(NamedTuple):
    """A message for the ingest queue, and how many ballots it holds."""

    body: str
    ballots: int


def run(deployment: Deployment, console: Console, options: Options) -> int:
    """Judge every row, send what is a ballot, and keep the rest with its reasons.

    1 when a person did not agree. Raises CommandError.
    """
    if not options.file:
        raise CommandError("FILE is missing, as in `make import FILE=ratings.csv SINCE=2015-01-01 DRY_RUN=yes`")
    meaning, path = _meaning(deployment, options), Path(options.file)
    if not LEAST_RATE <= options.rate <= MOST_RATE:
        raise CommandError(f"RATE={options.rate:g}: say {LEAST_RATE:g} to {MOST_RATE:g} ballots a second")
    kept = Kept(deployment.name, path, options.how)
    for line in _about(path, meaning):
        console.print(visible(line), soft_wrap=True, highlight=False, markup=False)
    if options.dry_run:
        kept.begin(fresh=True)
        _take(console, path, meaning, kept, lambda _: None)
        return 0
    question = f"Send the ballots of {path} to {deployment.name}, {options.rate:g} a second?"
    if not confirmed(console, question, "import FILE=…", confirm=options.confirm):
        return 1
    kept.begin(fresh=options.fresh)
    if kept.progress.rows:
        console.print(f"going on after {kept.progress.rows:,} rows (FRESH=yes starts over; nothing counts twice)")
    with Audit(deployment, "import") as audit:
        audit.line(step="began", file=path.name, after_rows=kept.progress.rows, rate=options.rate)
        sender = Sender(deployment, meaning.rules, options.rate)
        _take(console, path, meaning, kept, sender.send)
        audit.line(step="ended", **vars(kept.progress))
    console.print("`make status` shows when they are counted", highlight=False)
    return 0


def _meaning(deployment: Deployment, options: Options) -> Meaning:
    """How to read rows, by what the person said and by the rules here. Raises CommandError."""
    settings = deployment.outputs["settings"]
    rules = Rules(settings["aspects"], int(settings["scale"]["lowest"]), int(settings["scale"]["highest"]))
    if options.times not in import_rules.TIMES:
        raise CommandError(f"TIMES={options.times!r} must be {', '.join(import_rules.TIMES)}")
    return Meaning(
        rules,
        import_rules.since_of(options.since),
        clock.now_us(),
        import_rules.columns_of(options.columns),
        import_rules.scores_of(options.scores, rules),
        options.times,
        options.issuer,
    )


def _about(path: Path, meaning: Meaning) -> Iterator[str]:
    """What is read of the file, and what is not. Raises CommandError where too little is there."""
    first = next((row for row in import_file.rows(path) if not row.wrong), None)
    if first is None:
        raise CommandError(f"{path} holds no row")
    ignored = meaning.require(first)
    mapped = ", ".join(f"{theirs:f} → {ours}" for theirs, ours in meaning.scores.items())
    yield f"scores: {mapped or 'as they are'}; scale {meaning.rules.lowest} to {meaning.rules.highest}"
    if ignored:
        yield f"not read: {', '.join(ignored)}"


def _take(console: Console, path: Path, meaning: Meaning, kept: Kept, send: Any) -> None:
    """Take the rows that are left, step by step; say what became of them."""
    done = kept.progress
    rows = islice(import_file.rows(path), done.rows, None)
    with console.status("0 rows") as status:
        for step in _steps(rows):
            ballots: list[Ballot] = []
            refused = []
            for row in step:
                read = meaning.ballot(row)
                if isinstance(read, Ballot):
                    ballots.append(read)
                else:
                    why = {"line": row.line, "code": str(read.code), "message": read.message}
                    refused.append(why | {"row": row.fields})
            done.messages += send(ballots) or 0
            done.rows, done.ballots = done.rows + len(step), done.ballots + len(ballots)
            kept.reject(refused)
            kept.save()
            status.update(f"{done.rows:,} rows")
    kept.end()
    sent = f"sent in {done.messages:,} messages" if done.messages else "not sent"
    console.print(f"{done.rows:,} rows: {done.ballots:,} ballots, {sent}; {done.rejected:,} refused", highlight=False)
    if done.rejected:
        console.print(f"refused, each with its line and reason: {kept.rejects}", soft_wrap=True, highlight=False)


def _steps(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while step := list(islice(rows, ROWS_A_STEP)):
        yield step


class Sender:
    """Sends ballots to the ingest queue, at most `rate` a second."""

    def __init__(self, deployment: Deployment, rules: Rules, rate: float) -> None:
        self._sqs, self._rules, self._pace = deployment.client("sqs"), rules, Pace(rate)
        self._url: str = deployment.outputs["queues"]["ingest"]["url"]
        self._edges = edges(deployment.client("dynamodb"), deployment.outputs["tables"]["catalogue"])

    def send(self, ballots: Sequence[Ballot]) -> int:
        """Send them all: how many messages it took. Raises the client's errors."""
        number = 0
        for message in packed(ballots, self._edges, self._rules):
            for _ in range(message.ballots):
                self._pace.wait()
            self._sqs.send_message(QueueUrl=self._url, MessageBody=message.body)
            number += 1
        return number


def edges(dynamodb: Any, table: str) -> list[int]:
    """When any listed title opens or closes, in microseconds, in order."""
    found: set[int] = set()
    for item in rows_of(dynamodb, table):
        with suppress(BadRow):  # its ballots wait for a person, whenever they were cast
            found.update(edge for edge in read_window(item) if edge is not None)
    return sorted(found)


def packed(ballots: Iterable[Ballot], edges: Sequence[int], rules: Rules) -> Iterator[Packed]:
    """Messages of ballots that lie so close together that one time of receipt is right for all.

    That is within 29 days, and no window opens or closes in between.
    """
    groups: dict[tuple[int, int], list[Ballot]] = {}
    for ballot in ballots:
        key = (ballot.cast_at // SPAN_US, bisect_right(edges, ballot.cast_at))
        groups.setdefault(key, []).append(ballot)
    for key in sorted(groups):
        for part in messages.in_messages(groups[key], rules):
            received_at = max(ballot.cast_at for ballot in part)
            yield Packed(messages.encode_ingest(received_at, part), len(part))
