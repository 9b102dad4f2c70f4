"""What an environment costs in 30 days without traffic.

It follows from what Terraform plans, and from what the checks' own ballot takes.
"""

from __future__ import annotations

from tools.bench import dollars
from tools.bench.standing import standing
from tools.bench.votes import load
from tools.bench.votes.contenders import Sizing, sluice
from tools.bench.votes.world import Shape, run
from tools.simulation.aws import pollers

# assumed: how long a check by conservation, or by the probe, waits for its answers
CHECK_SECONDS = 1.0
CHECK_METRICS = {
    "conservation": {"WitnessesMissing", "WitnessesAccepted", "WitnessesOneIn", "MappingsOff"},
    "probe": {"ProbeAgeSeconds", "ProbeWrong"},
}  # what they write each time; what the other functions write is counted


def a_month(environment: str, sizing: Sizing) -> dict[str, float]:
    """Dollars of 30 days by what they are for."""
    there = standing(environment, "votes")
    monthly = dollars.prices()["monthly"]
    calls = there["schedules"]
    probed = calls.get("probe", 0)
    lone = run(sluice.build, sizing, load.ballots(20), Shape(a_request=1, wave=1, rate=0.02))
    by_service = dollars.a_million(lone)
    metrics = lone.meter.metrics.union(*(CHECK_METRICS.get(name, set()) for name in calls)) if probed else set()
    found = {
        "alarms": there["alarm_metrics"] * monthly["alarm"]["price"],
        "custom metrics": len(metrics) * monthly["metric"]["price"],
        "dashboard": there["dashboards"] * monthly["dashboard"]["price"],
        "the alarm topic's key": there["keys"] * monthly["key"]["price"],
        "pollers": _pollers(sizing),
        "provisioned tables": there["write_capacity"] * monthly["write_capacity_unit"]["price"]
        + there["read_capacity"] * monthly["read_capacity_unit"]["price"],
        "the probe's ballots": probed * dollars.behind_the_api(by_service) / dollars.MILLION,
        "schedules": sum(calls.values()) * dollars.price("schedule_calls"),
        "checks": sum(_check(sizing, name) * number for name, number in calls.items()),
    }
    free = _free({"alarm": there["alarm_metrics"], "metric": len(metrics)})
    found |= {"total": sum(found.values()), "of it free": free}
    return {name: round(number, 2) for name, number in found.items()}


def _free(have: dict[str, int]) -> float:
    """What an account that holds nothing else does not pay: the first of each are free, always.

    A dashboard of over 50 metrics is not.
    """
    monthly = dollars.prices()["monthly"]
    return float(
        sum(min(number, monthly[name]["always_free"]) * monthly[name]["price"] for name, number in have.items())
    )


def _pollers(sizing: Sizing) -> float:
    """Empty receives of the three mappings."""
    unit = {"process": "sqs_requests", "write": "sqs_fifo_requests", "tally": "sqs_fifo_requests"}
    return sum(pollers.idle_receives_a_month(sizing.mappings[name]) * dollars.price(of) for name, of in unit.items())


def _check(sizing: Sizing, name: str) -> float:
    """A scheduled call: the invocation, and its wait (tally's is short)."""
    seconds = 0.1 if name == "tally" else CHECK_SECONDS
    return dollars.price("lambda_requests") + seconds * sizing.memory_mb[name] / 1024 * dollars.price(
        "lambda_gb_seconds"
    )
