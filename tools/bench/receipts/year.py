"""What a year of the way into the database costs, from the list prices.

`python -m tools.bench.receipts.year` prints it.

Reckoned, not billed. What is assumed stands here; docs/receipts/network.md has the table.
"""

from __future__ import annotations

from typing import NamedTuple

from tools.bench import dollars

LANES, RECEIPTS = 4, 1_000_000
ENDPOINTS, ZONES = 2, 2
MINUTES = 365 * 24 * 60
RUNS = LANES * MINUTES  # one a minute and lane, whether there is work or not
RUN_SECONDS, RUN_GB = 2.1, 0.5  # one look of two seconds, for nothing comes
ROW_SECONDS = 0.02  # assumed: what a lane takes for a receipt


class Line(NamedTuple):
    """A part of the year's bill: what it is for, how it is reckoned, dollars."""

    what: str
    how: str
    dollars: float


def a_run() -> dict[str, float]:
    """Dollars of one run of a lane that finds nothing, by what they are for."""
    each = dollars.price
    return {
        "run": RUN_SECONDS * RUN_GB * each("lambda_gb_seconds") + each("lambda_requests"),
        "login": each("secret_calls"),
        "ticks": 3 * each("sqs_fifo_requests") + each("sqs_requests"),
        "heartbeat": 3 * each("sqs_requests") + each("lambda_requests") + each("write_units"),
    }


def lines() -> list[Line]:
    """The parts, the larger ones first."""
    month = {name: float(one["price"]) for name, one in dollars.prices()["monthly"].items()}
    each, run = dollars.price, a_run()
    work = RECEIPTS * (
        1.5 * each("sqs_requests")
        + each("s3_gets")
        + 2 * each("write_units")
        + ROW_SECONDS * RUN_GB * each("lambda_gb_seconds")
    )
    return [
        Line("a VPN connection, made by who runs the VPN", "12 × $36.50", 12 * month["vpn_connection"]),
        Line(
            "interface endpoints, secretsmanager and sqs",
            f"12 × {ENDPOINTS} × {ZONES} zones × $7.30",
            12 * ENDPOINTS * ZONES * month["endpoint_in_a_zone"],
        ),
        Line(
            "a lane's run each minute",
            f"{RUNS:,} × {RUN_SECONDS} s × {RUN_GB} GB, and the invocations",
            RUNS * run["run"],
        ),
        Line("the login, read at each connection", f"{RUNS:,} calls", RUNS * run["login"]),
        Line(
            "ticks, and looks at an empty queue", f"{RUNS:,} × 3 FIFO requests and a standard one", RUNS * run["ticks"]
        ),
        Line("the secret", "12 × $0.40", 12 * month["secret"]),
        Line("heartbeats, noted", f"{RUNS:,} × 3 requests, an invocation, a write unit", RUNS * run["heartbeat"]),
        Line("a million receipts through the lanes", "1.5 requests, a GET, 2 write units, 20 ms each", work),
    ]


def table() -> str:
    """The lines as a table, with their sum."""
    found = lines()
    rows = [f"| {one.what} | {one.how} | ${one.dollars:.2f} |" for one in found]
    total = sum(one.dollars for one in found)
    return "\n".join(["| what | reckoned | a year |", "| --- | --- | --- |", *rows, f"| all | | ${total:.2f} |"])


if __name__ == "__main__":
    print(table())
