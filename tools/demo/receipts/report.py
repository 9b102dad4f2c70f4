"""What the receipts' demo prints in the end: sums that add up, and the balance as its last line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from receipts.accounting import STATES
from tools.bench import dollars
from tools.common.balance import print_balance, sides
from tools.common.text import visible
from tools.demo.receipts.delivered import Found
from tools.demo.receipts.units import Units, billed
from tools.traffic import queue_picture
from tools.traffic.queue_picture import Sample
from tools.traffic.receipts.archive import Archive
from tools.traffic.receipts.states import COLOURS, LABELS
from tools.traffic.receipts.verdict import FIELDS, OUTCOMES, WRONG, Verdict

SHOWN_PROBLEMS = 20
THOUSAND = 1_000

Json = dict[str, Any]


@dataclass
class Figures:
    """What the run measured.

    `pages` the reader read, `written` are those of the documents; seconds are by one clock, from
    the upload's begin to the last result.
    """

    files: int = 0
    receipts: int = 0
    pages: int = 0
    written: int = 0
    upload_seconds: float = 0.0
    seconds: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    units: Units = field(default_factory=Counter)


def show(console: Console, account: Json, judged: Verdict, figures: Figures, archive: Archive) -> None:
    """The files, the fields, the time and the money."""
    table = Table(show_header=False, box=None, pad_edge=False)
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(judged.refused.items()))
    rate = figures.pages / figures.seconds * 60
    rows = {
        "sent": f"1 request, 1 archive of {len(archive.content):,} bytes with {archive.entries} entries",
        "files": sum_of(account["counts"], archive.entries),
        "refused": f"{judged.refused.total()}, each for its own reason: {reasons}",
        "twice": f"{judged.same_content} by content, read once; {judged.same_receipt} pictures of a receipt flagged",
        "receipts": f"{judged.receipts} on {figures.written} pages; the reader was paid for {figures.pages}",
        "tax lines": (
            f"{judged.taxes['read']} of {judged.taxes['drawn']} were read as drawn; "
            f"{judged.taxes['others']} others were read"
        ),
        "time": (
            f"{figures.seconds:.1f} s from the upload to the last result, {figures.upload_seconds:.1f} s of it "
            f"the upload itself; {rate:.0f} images a minute"
        ),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)
    console.print(_fields(judged))
    console.print(_money(figures))
    told = "Textract's pages are nearly all of it; GB-seconds are by the durations of this machine"
    console.print(f"{told}. List prices of {dollars.prices()['read_on']}, {dollars.prices()['region']}.")
    for problem in judged.problems[:SHOWN_PROBLEMS]:
        console.print(f"[red]WRONG[/red]  {visible(problem)}", highlight=False, soft_wrap=True)
    if len(judged.problems) > SHOWN_PROBLEMS:
        console.print(f"… and {len(judged.problems) - SHOWN_PROBLEMS} more")


def sum_of(counts: Json, of: int) -> str:
    """The counts of an account as a sum: "3 read + 1 review = 4 of 4"."""
    return f"{_parts(counts)} = {sum(counts.values())} of {of}"


def _parts(counts: Json) -> str:
    return " + ".join(f"{counts[state]} {state}" for state in STATES if counts.get(state)) or "0"


def _fields(judged: Verdict) -> Table:
    """How each field came out; a row adds up to the receipts."""
    table = Table("field", *OUTCOMES, "receipts", title=None)
    for name in FIELDS:
        outcomes = judged.outcomes(name)
        table.add_row(name, *(str(outcomes[one]) for one in OUTCOMES), str(sum(outcomes.values())))
    return table


def _money(figures: Figures) -> Table:
    """Units and dollars by service, for a thousand pages."""
    by_service = dollars.by_service(billed(figures.units))
    total = sum(by_service.values())
    table = Table("service", "units counted", "dollars a thousand pages", "share")
    for service, paid in by_service.items():
        units = ", ".join(
            f"{number:,.0f} {unit}"
            for unit, number in billed(figures.units).items()
            if dollars.prices()["dollars"][unit]["service"] == service
        )
        table.add_row(service, units, f"{paid / figures.pages * THOUSAND:.4f}", f"{100 * paid / total:.1f} %")
    table.add_row("all", "", f"{total / figures.pages * THOUSAND:.4f}", "100.0 %")
    return table


def show_picture(console: Console, samples: Sequence[Sample], images: Sequence[Path]) -> None:
    """The states over time in blocks, and where the image is."""
    console.print(f"\nfiles by state over {samples[-1].seconds:.0f} s")
    for state in COLOURS:
        most = max(sample.depths[state] for sample in samples)
        for row, blocks in enumerate(queue_picture.lines(samples, state, height=2)):
            label = f"{LABELS[state]:>24} {most:>4} " if row == 0 else " " * 30
            console.print(f"{label}│{blocks}", highlight=False, no_wrap=True, overflow="crop")
    console.print(f"as an image: {', '.join(map(str, images)) or 'matplotlib is not installed'}", soft_wrap=True)


def balance(console: Console, account: Json, judged: Verdict, archive: Archive, stored: Found) -> None:
    """The last line: what was sent is accounted for, and stands in the database."""
    wrong = sum(judged.fields[name, WRONG] for name in FIELDS)
    counts = account["counts"]
    entries = sides(archive.entries, "entries sent", _parts(counts), sum(counts.values()))
    rows = sides(stored.receipts, "receipts", f"{stored.rows:,} rows in the database", stored.rows)
    fields = f"{wrong} of {sum(judged.fields.values()):,} fields wrong and not marked"
    print_balance(console, f"{entries}; {rows}; {fields}", judged.problems, "all came out as drawn")
