"""What receipts cost in 30 days in which nobody sends any: what stands, what polls, what looks.

`python -m tools.bench.receipts.idle` prints it, from Terraform's plan and the list prices; reckoned
and not billed. docs/receipts/README.md has the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.bench import dollars
from tools.bench.receipts import year
from tools.bench.standing import standing
from tools.environment.names import DEPLOYED
from tools.environment.offline_plan import plan
from tools.environment.planned import of_pipeline, outputs, resources
from tools.simulation.aws import pollers

MINUTES = 30 * 24 * 60
MONTH = 30 / 365 * 12  # of a price a month
# what settle writes of heartbeats with nothing to do; the second where all is watched
METRICS = ("LaneReached", "DatabaseLatency")
SWEEP_SECONDS, SWEEP_GB = 1.0, 0.5  # assumed: some queries of an index, one after the other


def a_month(environment: str) -> dict[str, float]:
    """Dollars of an environment ("prod") by what they are for."""
    planned, there = plan(environment), standing(environment, "receipts")
    monthly = {name: float(one["price"]) * MONTH for name, one in dollars.prices()["monthly"].items()}
    own = of_pipeline(planned, "receipts")
    lanes = outputs(planned)["receipts"]["settings"]["delivery"]["lanes"]
    swept = there["schedules"]["sweep"] * (
        dollars.price("lambda_requests") + SWEEP_SECONDS * SWEEP_GB * dollars.price("lambda_gb_seconds")
    )
    written = len(METRICS) if there["dashboards"] else 1
    found = {
        "alarms": there["alarm_metrics"] * monthly["alarm"],
        "custom metrics": written * monthly["metric"],
        "dashboard": there["dashboards"] * monthly["dashboard"],
        "secret": len(resources(own, "aws_secretsmanager_secret")) * monthly["secret"],
        "pollers": _pollers(own),
        "schedules, sweep": sum(there["schedules"].values()) * dollars.price("schedule_calls") + swept,
        "lanes' looks": lanes * MINUTES * sum(year.a_run().values()),
        "endpoints": _endpoints(planned) * monthly["endpoint_in_a_zone"],
    }
    return {name: round(number, 2) for name, number in (found | {"all": sum(found.values())}).items()}


def _pollers(planned: Mapping[str, Any]) -> float:
    """Empty receives of the mappings; the lanes' queue is FIFO."""
    total = 0.0
    for address, one in resources(planned, "aws_lambda_event_source_mapping").items():
        mapping = pollers.Mapping(
            one["batch_size"], maximum_concurrency=one["scaling_config"][0]["maximum_concurrency"]
        )
        unit = "sqs_fifo_requests" if ".deliver." in address else "sqs_requests"
        total += pollers.idle_receives_a_month(mapping) * dollars.price(unit)
    return total


def _endpoints(planned: Mapping[str, Any]) -> int:
    """Interfaces of endpoints: one a service and zone."""
    found = resources(planned, "aws_vpc_endpoint").values()
    interfaces = [one for one in found if one.get("vpc_endpoint_type") == "Interface"]
    return len(interfaces) * len(resources(planned, "aws_subnet"))


def table() -> str:
    """The environments as a table."""
    months = {name: a_month(name) for name in DEPLOYED}
    kinds = [*next(iter(months.values()))]
    rows = [f"| {name} | {' | '.join(f'{found[kind]:.2f}' for kind in kinds)} |" for name, found in months.items()]
    return "\n".join([f"| environment | {' | '.join(kinds)} |", f"| {'--- | ' * len(kinds)}--- |", *rows])


if __name__ == "__main__":
    print(table())
