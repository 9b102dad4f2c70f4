"""`make catalogue FILE=…`: titles and their voting windows, from CSV to the catalogue table.

What it does to each row is shown before anything is written; whether a window may go, a person is
asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from tools.common.confirm import confirmed
from tools.common.errors import CommandError
from tools.common.text import visible
from tools.operations.deployment import Deployment
from tools.operations.votes import catalogue_changes, catalogue_file
from tools.operations.votes.catalogue_file import Title

BATCH = 25
ROUNDS = 8


@dataclass(frozen=True)
class Options:
    """What a person asked for: the file, only to look, and to go on without a question."""

    file: str | None
    dry_run: bool = False
    confirm: bool = False


def run(deployment: Deployment, console: Console, options: Options) -> int:
    """Put the titles of a CSV file that are new or differ, and say what became of each row.

    Nothing is put unless the whole file is right. 1 when a person did not agree to what would be
    removed. Raises CommandError.
    """
    if not options.file:
        raise CommandError(
            "FILE is missing, as in `make catalogue FILE=titles.csv`: CSV with title_id[,name][,opens][,closes]"
        )
    path = Path(options.file)
    read = catalogue_file.read(path)
    dynamodb, tables = deployment.client("dynamodb"), deployment.outputs["tables"]
    changes = catalogue_changes.compare(dynamodb, tables, read.titles)
    said = (f"{path}: {len(read.titles)} titles", *(f"  {note}" for note in read.notes))
    for line in (*said, *catalogue_changes.lines(changes)):
        console.print(visible(line), soft_wrap=True, highlight=False, markup=False)
    if options.dry_run:
        console.print("nothing was written: DRY_RUN=yes only looks")
        return 0
    doubtful = len(changes.lost.keys() | changes.zeros.keys())
    question = f"{doubtful} titles lose something, or may have lost zeros (!). Write it so?"
    if doubtful and not confirmed(console, question, "catalogue FILE=…", confirm=options.confirm):
        return 1
    put(dynamodb, tables["catalogue"], changes.titles)
    console.print(
        f"{len(changes.titles)} rows were written to the catalogue of {deployment.name}; "
        "functions see them within a minute"
    )
    return 0


def load(deployment: Deployment, text: str) -> None:
    """Put every title of a CSV text, whatever was listed. Raises CommandError."""
    titles = catalogue_file.parse(text).titles
    put(deployment.client("dynamodb"), deployment.outputs["tables"]["catalogue"], titles)


def put(dynamodb: Any, table: str, titles: Sequence[Title], sleep: Callable[[float], None] = time.sleep) -> None:
    """Write titles, again where the table did not take them, at most eight rounds a batch."""
    for start in range(0, len(titles), BATCH):
        left = {table: [{"PutRequest": {"Item": title.item()}} for title in titles[start : start + BATCH]]}
        for attempt in range(ROUNDS):
            left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems", {})
            if not left:
                break
            sleep(min(5.0, 0.1 * 2**attempt))
        else:
            raise CommandError(
                f"the table {table} is throttled: {start} of {len(titles)} titles are put; "
                "repeat the command, it puts the same rows again"
            )
