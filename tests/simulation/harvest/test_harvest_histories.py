"""Seeded histories of the whole harvest, fewer than `make faults PIPELINE=harvest` runs; that they
repeat; that the world is what Terraform plans.
"""

import json

import pytest

from tests.support import plan as planned
from tools.environment.zips import functions_of
from tools.simulation.campaign import Found, chunk
from tools.simulation.harvest import deployed
from tools.simulation.harvest.pipeline import PIPELINE
from tools.simulation.harvest.plan import EVENTS, Asked, Plan, Step, Vendor, from_word
from tools.simulation.harvest.standins import installed
from tools.simulation.harvest.world import World
from tools.simulation.plan import Event, Fault, to_word

FEW = 30
BUSY = Plan(
    Vendor((9, 3), 2, 30, -1, 0, 0, 12, 0),
    (Asked(0, "daily"), Asked(3_000, "other", 1)),
    (Step(4_000, 0, 2_000), Step(9_000, 1, 6_000)),
    (Fault(40, 1), Fault(200, 2, 3), Fault(300, 1)),
    (Event(EVENTS.index("kill all"), 6_000), Event(EVENTS.index("closed"), 8_000, 3_000)),
    True,
    7,
)


def _played(numbers: range, seed: int, size: int = 50) -> Found:
    found = Found()
    for number in numbers:
        found.add(chunk(PIPELINE, number, seed, size=size, shrink=5))
    return found


def test_histories_come_out_right() -> None:
    found = _played(range(2), 4, FEW)
    assert found.broken is None
    assert found.histories > FEW
    assert found.counts["calls"] > 20 * FEW
    assert found.counts["complete"] > FEW / 2
    assert found.counts["calls repeated"] < found.counts["calls"] / 5


@pytest.mark.slow
def test_many_histories_come_out_right_and_all_is_tried() -> None:
    found = _played(range(12), 5)
    assert found.broken is None
    assert found.histories > 500
    seldom = {"redrive", "not deleted"}  # `make faults` plays enough of them
    assert {event for event in EVENTS if not found.events[event]} <= seldom


def test_the_same_plan_is_the_same_run_to_the_last_step() -> None:
    traces = []
    with installed():
        for _ in range(2):
            world = World(BUSY, trace=True)
            world.run()
            traces.append(world.trace)
    assert traces[0] == traces[1]
    assert traces[0] is not None
    assert sum("FAULT" in line or "EVENT" in line for line in traces[0]) >= 3
    assert world.counts()["runs"] == 2


def test_a_history_is_a_word_and_back() -> None:
    assert from_word(to_word(BUSY)) == BUSY
    for word in ("", "no-history", to_word(BUSY)[:-9]):
        with pytest.raises(ValueError, match="HISTORY is not a history"):
            from_word(word)


def test_a_broken_history_is_made_short_and_says_what_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slots without a margin for jitter."""
    monkeypatch.setattr("harvest.slots.step_ms", lambda limit, spread: 1000 * limit.seconds / limit.calls)
    found = chunk(PIPELINE, 0, 1, size=10, shrink=1)
    assert found.broken is not None
    assert found.broken["check"] in ("slots", "rate")
    assert from_word(found.broken["history"]).vendor.groups


def test_the_world_is_deployed_as_terraform_plans_it() -> None:
    values = planned.plan_of("harvest", "local")
    queues = {queue["name"]: queue for queue in planned.resources(values, "aws_sqs_queue").values()}
    functions = {one["function_name"]: one for one in planned.resources(values, "aws_lambda_function").values()}
    mappings = {
        address.split(".")[3]: mapping
        for address, mapping in planned.resources(values, "aws_lambda_event_source_mapping").items()
    }
    for function, timeout in deployed.TIMEOUTS.items():
        assert functions[f"{deployed.NAME}-{function}"]["timeout"] == timeout
    for mapping in deployed.MAPPINGS:
        queue, of = queues[mapping.name], mappings[mapping.function]
        assert (queue["fifo_queue"], queue["visibility_timeout_seconds"]) == (mapping.fifo, mapping.visibility)
        assert of["batch_size"] == mapping.batch_size
        assert of["scaling_config"][0]["maximum_concurrency"] == mapping.concurrency
        assert of["function_response_types"] == ["ReportBatchItemFailures"]
    tables = planned.resources(values, "aws_dynamodb_table").values()
    keys = {table["name"]: [table["hash_key"], table.get("range_key")] for table in tables}
    for name, schema in deployed.TABLES.items():
        assert [part for part in keys[deployed.DEPLOYED.table(name)] if part] == [part for part, _ in schema]


def test_the_functions_settings_are_those_that_terraform_plans() -> None:
    values = planned.plan_of("harvest", "local")
    assert sorted(deployed.FUNCTIONS) == sorted(functions_of("harvest")) == sorted(deployed.ENVIRONMENTS)
    for function, ours in deployed.ENVIRONMENTS.items():
        theirs = planned.environment(values, function)
        names = {name for name in theirs if not name.startswith("POWERTOOLS_")}
        made = {name for name in ours if name.endswith("_URL")}
        assert names | made == set(ours), function
        for name in names - made - {"LIMITS", "PACE", "VENDOR_SECRET_ARN", "VENDOR"}:
            assert ours[name] == theirs[name], (function, name)
    vendor = json.loads(deployed.ENVIRONMENTS["work"]["VENDOR"])
    assert vendor == json.loads(planned.environment(values, "work")["VENDOR"])
    assert deployed.PACE.keys() <= json.loads(planned.environment(values, "pace")["PACE"]).keys()
