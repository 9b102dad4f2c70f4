"""What the rehearsal prints: the two side by side, and whether the lanes kept what they promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tools.bench.receipts.peak.curve import Curve
from tools.bench.receipts.peak.direct import FUNCTIONS
from tools.bench.receipts.peak.rehearse import BUDGET, Result
from tools.common import pictures
from tools.traffic.receipts import deliveries
from tools.traffic.receipts.deliveries import LATENCY, SESSIONS

REFUSED = "53300"  # too many connections
SHARE = 0.95
MOST_OVER = 0.1  # share of the transactions that may be over the budget: the pace follows them
LANES, DIRECT = "lanes", "a connection each"

Json = dict[str, Any]


def plain(result: Result, role: str) -> Json:
    """One of the two in figures."""
    seen, took = result.seen, sorted(result.took)
    return {
        "rows": seen.standing,
        "twice": result.twice,
        "dead": result.dead,
        "seconds": round(result.seconds, 1),
        "rows_a_second": round(seen.standing / result.seconds, 1) if result.seconds else 0.0,
        "most_rows_in_a_second": max(seen.rows.values(), default=0),
        "peak_connections": int(seen.health["peaks"].get(role, 0)),
        "connection_attempts": int(seen.health["attempts"]),
        "refused_53300": int(seen.health["errors"].get(REFUSED, 0)),
        "transactions": len(seen.statements),
        "latency_ms": {name: round(seen.latency(share)) for name, share in (("p50", 0.5), ("p95", SHARE), ("max", 1))},
        "over_budget": sum(took > BUDGET.latency_ms for _, took in seen.statements),
        "application_asked": result.asked,
        "application_refused": result.refused,
        "application_p95_ms": round(took[int(SHARE * (len(took) - 1))]) if took else None,
    }


def problems(lanes: Json, cap: int, rows: int) -> Iterator[str]:
    """What the lanes have not kept."""
    if lanes["rows"] != rows:
        yield f"{lanes['rows']} of {rows} rows stand"
    if lanes["twice"]:
        yield f"{lanes['twice']} rows stand twice"
    if lanes["peak_connections"] > cap:
        yield f"{lanes['peak_connections']} connections at once, over {cap} lanes"
    if lanes["over_budget"] > MOST_OVER * lanes["transactions"]:
        yield f"{lanes['over_budget']} of {lanes['transactions']} transactions took over {BUDGET.latency_ms} ms"
    if lanes["refused_53300"] or lanes["application_refused"]:
        yield f"{lanes['application_refused']} times the client's own application was turned away"


def show(console: Console, lanes: Json, direct: Json, curve: Curve, cap: int) -> None:
    """The two side by side."""
    table = Table("", f"{cap} lane{'s' * (cap > 1)}", f"{FUNCTIONS} functions")
    for label, left, right in _rows(lanes, direct, curve):
        table.add_row(label, left, right)
    console.print(table)
    told = (
        "Real: PostgreSQL (ten connections), TLS, driver, loop, pace, and the emulator's SQS for the lanes. "
        "Not: Lambda (lanes are processes, functions threads with a queue in memory), the bucket (documents are made "
        "when they are asked for), the VPN and the busy month (each statement is held at the front)."
    )
    console.print(told, soft_wrap=True)


def _rows(lanes: Json, direct: Json, curve: Curve) -> Iterator[tuple[str, str, str]]:
    words: dict[str, Callable[[Json], str]] = {
        "rows that stand": lambda one: f"{one['rows']:,} of {curve.rows:,}",
        "rows of dead letters": lambda one: f"{one['dead']:,}",
        "seconds; rows a second": lambda one: f"{one['seconds']:.0f}; {one['rows_a_second']}",
        f"most rows in a second, of {curve.peak:.0f} that came": lambda one: str(one["most_rows_in_a_second"]),
        "connections at once, those refused among them": lambda one: str(one["peak_connections"]),
        "attempts to connect, the application's too": lambda one: f"{one['connection_attempts']:,}",
        "of them refused: 53300, too many": lambda one: f"{one['refused_53300']:,}",
        "a transaction there, ms: half, 95 %, longest": lambda one: " / ".join(map(str, one["latency_ms"].values())),
        f"transactions over {BUDGET.latency_ms} ms": lambda one: f"{one['over_budget']} of {one['transactions']}",
        "the client's own application, turned away": lambda one: (
            f"{one['application_refused']} of {one['application_asked']}"
        ),
    }
    for label, told in words.items():
        yield label, told(lanes), told(direct)


def draw(lanes: Result, direct: Result, cap: int, folder: Path) -> list[Path]:
    """The two as an image; none where what draws it is not installed."""
    if not pictures.can_draw():
        return []
    columns = [(f"by {cap} lanes", lanes.seen), ("by functions with a connection each", direct.seen)]
    return deliveries.image(columns, {SESSIONS: cap, LATENCY: BUDGET.latency_ms}, {}, folder / "peak")
