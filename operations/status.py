"""`make status`: the pipeline at a glance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from operations import quarantine
from operations.place import Place
from operations.progress import progress
from operations.queues import depth, oldest_seconds

MOST_PAGES = 20  # of the tallies table: one page is 1 MB, about 5,000 titles


def show(place: Place, console: Console) -> None:
    """Print queue depths, oldest messages, dead letters, quarantine by reason and totals."""
    console.print(f"[bold]{place.name}[/bold]  {place.outputs['votes_api_url']}")
    console.print(_queues(place))
    found, all_of_them = quarantine.by_reason(place, place.client("s3"))
    said = ", ".join(f"{reason} {count}" for reason, count in sorted(found.items())) or "empty"
    console.print(f"quarantine (objects by reason{'' if all_of_them else ', the first 20,000'}): {said}")
    dynamodb = place.client("dynamodb")
    done = progress(place, dynamodb)
    as_of = datetime.fromtimestamp(done.as_of / 1e6, UTC).isoformat(timespec="seconds") if done.as_of else "never"
    open_too = " (another is open)" if done.open else ""
    console.print(f"journal: {done.entries} entries, {done.behind} not folded yet; epoch {done.epoch}{open_too}, as of {as_of}")
    titles, voters, votes, complete = totals(place, dynamodb)
    console.print(f"totals{'' if complete else ' (of the first titles only)'}: {titles} titles, {voters} voters, {votes} standing votes")


def totals(place: Place, dynamodb: Any) -> tuple[int, int, int, bool]:
    """Titles, voters (counted once a title), standing votes, and whether the whole table was read."""
    titles = voters = votes = 0
    pages = dynamodb.get_paginator("scan").paginate(TableName=place.outputs["tables"]["tallies"])
    for number, page in enumerate(pages, 1):
        for row in page["Items"]:
            if row["title_id"]["S"].startswith("#"):
                continue
            titles += 1
            voters += int(row["voters"]["N"])
            votes += sum(int(value["N"]) for name, value in row.items() if "#" in name)
        if number == MOST_PAGES:
            return titles, voters, votes, "LastEvaluatedKey" not in page
    return titles, voters, votes, True


def _queues(place: Place) -> Table:
    sqs = place.client("sqs")
    table = Table("queue", "waiting", "in flight", "delayed", "oldest", "dead letters")
    for name, queue in place.outputs["queues"].items():
        now, dead = depth(sqs, queue["url"]), depth(sqs, queue["dead_letter_url"])
        age = oldest_seconds(place, queue["url"], queue["name"])
        oldest = "–" if age is None else f"{age:.0f} s"
        letters = f"[red]{dead.total}[/red]  make redrive QUEUE={name}" if dead.total else "0"
        table.add_row(name, str(now.waiting), str(now.in_flight), str(now.delayed), oldest, letters)
    return table
