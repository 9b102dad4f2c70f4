"""Whether every receipt that was read stands in the database, once, as it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

from receipts.documents import Document, ReceiptPart
from tools.common import pictures
from tools.demo.receipts.outage import SLOW, SLOW_MS, SLOW_SECONDS, STOPPED, STOPPED_SECONDS, Outage
from tools.local_cloud.premises.stand_in import StandIn
from tools.local_cloud.receipts.pipeline import ROLE
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.traffic.receipts import deliveries
from tools.traffic.receipts.deliveries import LATENCY, SESSIONS, TABLE, Delivered

REVISION = "0"  # as read
COLUMNS = "file_id, receipt, revision, coalesce(kind, ''), coalesce(merchant, ''), receipt_date, currency, total"
SHOWN = 5

Rows = dict[tuple[str, int], tuple[str, ...]]


@dataclass
class Found:
    """What the database holds beside what was read.

    `receipts` in the documents, `rows` in the database, `differ`: what is missing, more, or other.
    `twice`: rows that stand twice. `cap`: the most connections at once; `budget_ms`: what a
    transaction should take; `dead` letters of any queue. `by`: who delivered.
    """

    by: str
    cap: int
    budget_ms: float
    seen: Delivered
    outage: Outage
    receipts: int = 0
    rows: int = 0
    twice: int = 0
    dead: int = 0
    differ: list[str] = field(default_factory=list)

    @property
    def peak(self) -> int:
        """The most sessions of the role that there were at once, by the front's count."""
        return int(self.seen.health["peaks"].get(ROLE, 0))


def judge(found: Found, deployment: Deployment, premises: StandIn, documents: Mapping[str, Document]) -> None:
    """Ask the database, past the front and whoever delivered."""
    wanted = {
        (document.file_id, part.index): _of_part(part) for document in documents.values() for part in document.receipts
    }
    asked = premises.ask(f"SELECT {COLUMNS} FROM {TABLE}")  # noqa: S608
    stand: Rows = {(row[0], int(row[1])): _of_row(row) for row in asked if row[2] == REVISION}
    found.receipts, found.rows, found.twice = len(wanted), len(asked), deliveries.twice(premises)
    found.differ = [*_differ(wanted, stand)]
    sqs = deployment.client("sqs")
    found.dead = sum(depth(sqs, queue["dead_letter_url"]).total for queue in deployment.outputs["queues"].values())


def _of_part(part: ReceiptPart) -> tuple[str, ...]:
    values = [part.kind.value, part.merchant.value, part.date.value, part.currency.value]
    return (*(value or "" for value in values), _amount(part.total.value or ""))


def _of_row(row: list[str]) -> tuple[str, ...]:
    return (*row[3:7], _amount(row[7]))


def _amount(text: str) -> str:
    return str(Decimal(text).normalize()) if text else ""


def _differ(wanted: Rows, stand: Rows) -> Iterator[str]:
    for key in sorted(wanted.keys() | stand.keys()):
        if wanted.get(key) != stand.get(key):
            yield f"receipt {key[1]} of {key[0]}: read {wanted.get(key)}, in the database {stand.get(key)}"


def problems(found: Found) -> Iterator[str]:
    """What is not as it must be."""
    yield from found.differ
    if found.rows != found.receipts or found.twice:
        yield f"{found.rows} rows are in the database, {found.twice} of them twice, for {found.receipts} receipts"
    if found.peak > found.cap:
        yield f"{found.peak} connections were open at once, over {found.cap}"
    if found.dead:
        yield f"{found.dead} messages are dead letters"
    if not found.outage.is_over:
        yield f"not everything was done to the database: {', '.join(found.outage.marks)}"


def show(console: Console, found: Found) -> None:
    """The delivery in figures, and in blocks over time."""
    seen, marks = found.seen, found.outage.marks
    table = Table(show_header=False, box=None, pad_edge=False)
    rows = {
        "delivered": f"{found.by}: {found.rows} rows in the database of {found.receipts} receipts, {found.twice} twice",
        "connections": f"{found.peak} at once at most, of {found.cap}; {seen.health['attempts']} attempts in all",
        "transactions": (
            f"{len(seen.statements)}; half took {seen.latency(0.5):.0f} ms, 95 % {seen.latency(0.95):.0f} ms, "
            f"the longest {seen.latency(1):.0f} ms"
        ),
        "done to it": (
            f"stopped for {STOPPED_SECONDS:.0f} s at {marks.get(STOPPED, 0):.0f} s; "
            f"each statement {SLOW_MS:.0f} ms slower for {SLOW_SECONDS:.0f} s at {marks.get(SLOW, 0):.0f} s"
        ),
        "dead letters": str(found.dead),
    }
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)
    console.print(f"\nthe database over {len(seen.seconds_of())} s")
    for line in deliveries.lines(seen):
        console.print(line, highlight=False, no_wrap=True, overflow="crop")


def images(found: Found, folder: Path) -> list[Path]:
    """The same as images; none where what draws them is not installed."""
    if not pictures.can_draw():
        return []
    bounds = {SESSIONS: float(found.cap), LATENCY: found.budget_ms}
    title = f"Delivery {found.by}, while the database is stopped and slow"
    return deliveries.image([(title, found.seen)], bounds, found.outage.marks, folder / "delivery")
