"""What the API admits is drained: the plan's own figures beside the model, and a flood."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.fanout import WORKERS
from tests.support import plan
from tools.bench.dollars import CORE_MB
from tools.bench.votes.capacity import curves, facts, report
from tools.bench.votes.capacity.durations import Durations, most_in_a_message
from tools.bench.votes.capacity.model import Model, Run
from tools.bench.votes.capacity.settings import Settings, planned
from tools.bench.votes.units import DRAIN
from tools.environment.names import DEPLOYED
from tools.environment.planned import outputs
from tools.environment.staging import staged
from tools.simulation.aws.pollers import EVENT_BYTES
from votes.journal import GETS_A_CALL, PUTS_A_CALL

PLENTY = ["throttle_rate=1e9", "throttle_burst=1e9", "api_quota=1e9", "lambda_quota=1e6", "most_ballots=500"]
SIZED = {
    "process": {"memory_mb": 512, "batch_size": 1000, "window_seconds": 2, "maximum_concurrency": 4},
    "write": {"memory_mb": 512, "maximum_concurrency": 4},
}
WARM = {"votes": {"on_demand": {"warm": {"read_units": 200_000, "write_units": 200_000}}}}


def rates(planned_: dict[str, Any]) -> dict[str, Any]:
    """What the plan says is admitted and drained."""
    found: dict[str, Any] = outputs(planned_)["votes"]["rates"]
    return found


@cache
def dev(**changed: str) -> dict[str, Any]:
    """The plan of dev with other inputs of its pipeline, each as JSON."""
    module = {name: json.loads(value) for name, value in changed.items()}
    work = plan.scratch() / f"admitted-{len(list(plan.scratch().glob('admitted-*')))}"
    return plan.plan(staged(Path(plan.ROOT) / "environments/dev", work, {"module": {"votes": module}}), plan.packages())


def flooded(setting: Settings, a_request: int, rate: float, lasts: float) -> Run:
    setting = setting.changed(PLENTY)
    return Model(setting, Durations(setting, a_request), curves.Curve("flood", curves.step(rate, lasts))).run()


def test_the_plan_reckons_with_the_facts_of_the_code() -> None:
    assert DRAIN["bytes"]["most_of_an_event"] == EVENT_BYTES
    assert DRAIN["bytes"]["poller_a_second"] == facts.POLLER_BYTES_A_SECOND
    assert DRAIN["rows_a_call"] == {"get_batch": GETS_A_CALL, "put_batch": PUTS_A_CALL}
    assert (DRAIN["calls_at_once"], DRAIN["core_mb"]) == (WORKERS, CORE_MB)
    assert DRAIN["ballots_a_count_message"] == most_in_a_message()
    assert DRAIN["messages_a_receive"] == facts.REQUEST_ENTRIES
    assert DRAIN["units_of_a_new_table"] == facts.NEW_TABLE


@pytest.mark.parametrize("name", DEPLOYED)
def test_no_environment_admits_more_than_it_drains(name: str) -> None:
    found = rates(plan.plan(name))
    assert 0 < found["admitted"] <= found["drained"]


@pytest.mark.parametrize(
    ("sizing", "capacity", "a_request", "limit"),
    [
        ({}, {}, 10, "capacity.votes"),
        ({}, {}, 500, "capacity.votes"),
        (SIZED, WARM, 1, "process.maximum_concurrency"),
        (SIZED, WARM, 500, "write.maximum_concurrency"),
    ],
)
def test_the_plans_drain_is_the_models(
    monkeypatch: pytest.MonkeyPatch,
    sizing: dict[str, Any],
    capacity: dict[str, Any],
    a_request: int,
    limit: str,
) -> None:
    """A flood for five minutes, and the time until all of it is counted."""
    api = {"anonymous": True, "throttle": {"rate": 1}, "most_ballots": {"voter": a_request}}
    changed = {"api": api} | ({"sizing": sizing, "capacity": capacity} if sizing else {})
    shown = dev(**{name: json.dumps(value) for name, value in changed.items()})
    found = rates(shown)
    assert found["limit"] == limit
    monkeypatch.setattr("tools.bench.votes.capacity.settings.plan", lambda _: shown)
    monkeypatch.setattr("tools.bench.votes.sizing.plan", lambda _: shown)
    from tools.bench.votes.sizing import sizing as sized

    sized.cache_clear()
    run = flooded(planned("dev"), a_request, 3 * found["drained"], 300)
    sized.cache_clear()
    last = max(sample["at"] for sample in run.results.samples if sample["ingest"] + sample["count"] > 0)
    assert run.results.accepted / last == pytest.approx(found["drained"], rel=0.15)


def test_what_prod_admits_at_most_is_counted_at_once() -> None:
    """The attack was 500 a request at the throttle's rate: hours to the journal, and ballots lost
    by age. Now the most that gets in is counted in seconds.
    """
    prod = planned("prod").changed(["api_quota=30000", "lambda_quota=4000"])
    found = rates(plan.plan("prod"))
    assert prod.most_ballots * prod.throttle_rate == found["admitted"]
    step = curves.Curve("all", curves.step(found["admitted"], 300))
    run = Model(prod, Durations(prod, prod.most_ballots), step).run()
    assert run.results.until_counted.longest < 30
    assert run.results.until_shown.longest < report.COUNTED_WITHIN


@pytest.mark.parametrize("a_request", [100, 500])
def test_a_flood_of_large_requests_is_refused(a_request: int) -> None:
    prod = planned("prod")
    step = curves.Curve("flood", curves.step(prod.throttle_rate / 2 * a_request, 10))
    run = Model(prod, Durations(prod, a_request), step).run()
    assert run.results.accepted == 0
    assert run.results.refused["api most_ballots"] > 0
    assert report.bottleneck(run) == "api most_ballots"
