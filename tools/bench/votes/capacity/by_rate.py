"""What a million ballots cost at a steady rate, by service: the table that the pages show."""

from __future__ import annotations

from tools.bench.dollars import SERVICES
from tools.bench.report import Table
from tools.bench.votes.capacity import curves, durations, report
from tools.bench.votes.capacity.model import Model
from tools.bench.votes.capacity.settings import Settings

RATES = (1, 10, 100, 1_000, 5_000, 10_000)
# Rates past an account's own quotas are asked for their price, too.
RAISED = ("api_quota=100000", "lambda_quota=10000")


def table(settings: Settings, a_request: int = 1, slow: float = 1.0) -> Table:
    """Of an environment: rates that it takes, with write units and the wait for the tallies."""
    rows = []
    for rate in RATES:
        if rate > settings.throttle_rate * a_request:
            continue
        played = settings.changed(list(RAISED))
        run = Model(played, durations.measured(played, a_request, slow), curves.named(f"steady:{rate}")).run()
        if not report.takes_it(run):
            continue
        each = report.dollars(run)
        shown = run.results.until_shown.summary()
        units = report.units(run).get("write_units", 0.0) / run.results.accepted
        services = [f"{each['a million, by service'].get(service, 0.0):.2f}" for service in SERVICES]
        total = f"{each['a million ballots']:.2f}"
        rows.append([f"{rate:,}", *services, total, f"{units:.2f}", f"{shown['p50']} / {shown['p99']}"])
    title = f"{settings.environment}, dollars a million ballots at a steady rate, {a_request} a request"
    return Table(title, ("a second", *SERVICES, "total", "write units", "tallies, p50 / p99 s"), rows)
