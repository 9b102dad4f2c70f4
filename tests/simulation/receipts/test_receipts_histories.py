"""Seeded histories of the receipts pipeline, fewer than `make faults PIPELINE=receipts` runs; that
they repeat; that the world is what Terraform plans.
"""

import json
from collections.abc import Iterable

import pytest

from tests.support import plan as planned
from tools.environment.zips import functions_of
from tools.simulation.campaign import Found, chunk
from tools.simulation.plan import Event, Fault, to_word
from tools.simulation.receipts import deployed
from tools.simulation.receipts.cells import CALLS, MATRIX
from tools.simulation.receipts.pipeline import PIPELINE
from tools.simulation.receipts.plan import EVENTS, Batch, Plan, Sent, from_word
from tools.simulation.receipts.standins import installed
from tools.simulation.receipts.world import World

BUSY = Plan(
    (
        Batch(0, 0, 0, (Sent(0), Sent(1), Sent(5, 4), Sent(8))),
        Batch(700, 0, 1, (Sent(2), Sent(2), Sent(13), Sent(4)), 1, 0, 30_000),
        Batch(900, 1, 0, (Sent(0), Sent(15), Sent(16), Sent(6, 1))),
    ),
    tuple(Fault(cell, cell % 3, 1 + cell % 4) for cell in range(0, len(MATRIX.cells), 11)),
    (
        Event(EVENTS.index("busy reader"), 0, 1_200_000),
        Event(EVENTS.index("purge"), 1_500, 0, 1),
        Event(EVENTS.index("outage"), 60_000, 600_000, 7),
    ),
    True,
    7,
    60,
)


# In this chunk a lane's time is over in the middle of a long queue, which is seldom.
LONG = 42


def test_histories_come_out_right() -> None:
    found = _chunks(range(2), 10)
    assert found.broken is None
    assert found.histories == 20
    assert all(found.counts[f"files {state}"] for state in ("delivered", "quarantined"))
    assert found.counts["rows in the database"] > 20
    assert found.counts["connections in vain"]
    assert found.counts["throttled"] or found.counts["redeliveries"]
    assert found.fired.total() + found.events.total() > 20


def test_a_lane_whose_tick_was_purged_connects_by_the_next() -> None:
    """Found by a campaign: a minute is from tick to tick, and this one has another's."""
    lane_queue = [one.name for one in deployed.PURGED].index(deployed.LANE.name)
    away = Event(EVENTS.index("database away"), 0, 3_000)
    events = (away, Event(EVENTS.index("outage"), 0, 60_000), Event(EVENTS.index("outage"), 0, 60_000))
    purge = Event(EVENTS.index("purge"), 13_947, 60_000, lane_queue)
    with installed():
        World(Plan((Batch(0, 0, 0, (Sent(0),)),), (), (*events, purge))).run()


def test_a_lane_whose_queue_was_replaced_connects_by_the_tick_that_was_sent_again() -> None:
    """Found by a campaign: an operator's new tick is not one that was put off."""
    lane_queue = [one.name for one in deployed.MAPPINGS].index(deployed.LANE.name)
    half = Event(EVENTS.index("database half"), 512, 60_000)
    replaced = Event(EVENTS.index("replace"), 4_395, 300_000, lane_queue)
    with installed():
        world = World(Plan((Batch(0, 0, 0, (Sent(0),)),), (), (half, replaced)))
        world.run()
        assert world.events.fired["replace"] == 1


@pytest.mark.slow
def test_many_histories_make_every_call_and_come_out_right() -> None:
    found = _chunks((*range(20), LONG), 50)
    assert found.broken is None
    assert set(found.calls) >= set(CALLS), "a call in tools/simulation/receipts/cells.py is never made"


def _chunks(numbers: Iterable[int], size: int) -> Found:
    found = Found()
    for one in numbers:
        found.add(chunk(PIPELINE, one, 4, size=size, shrink=0))
    return found


def test_the_same_plan_is_the_same_run_to_the_last_step() -> None:
    traces = []
    with installed():
        for _ in range(2):
            world = World(BUSY, trace=True)
            world.run()
            traces.append(world.trace)
    assert traces[0] == traces[1]
    assert traces[0] is not None
    assert len(traces[0]) > 200
    assert sum("FAULT" in line for line in traces[0]) > 5


def test_a_history_is_a_word_and_back() -> None:
    assert from_word(to_word(BUSY)) == BUSY
    for word in ("", "no-history", to_word(BUSY)[:-9]):
        with pytest.raises(ValueError, match="HISTORY is not a history"):
            from_word(word)


@pytest.mark.parametrize("environment", ["local", "prod"])
def test_the_world_is_deployed_as_terraform_plans_it(environment: str) -> None:
    values = planned.plan_of("receipts", environment)
    name = f"sluice-{environment}-receipts"
    queues = {queue["name"]: queue for queue in planned.resources(values, "aws_sqs_queue").values()}
    mappings = {
        address.split(".")[3]: mapping
        for address, mapping in planned.resources(values, "aws_lambda_event_source_mapping").items()
    }
    functions = {one["function_name"]: one for one in planned.resources(values, "aws_lambda_function").values()}
    redrives = planned.resources(values, "aws_sqs_queue_redrive_policy")
    for function in deployed.FUNCTIONS:
        assert functions[f"{name}-{function}"]["timeout"] == deployed.TIMEOUTS[function]
    for mapping in deployed.MAPPINGS:
        of = mappings[mapping.function]
        assert of["function_response_types"] == ["ReportBatchItemFailures"]
        assert of["batch_size"] == mapping.batch_size
        assert (of["maximum_batching_window_in_seconds"] or 0) == mapping.window
        if environment == "local":
            assert of["scaling_config"][0]["maximum_concurrency"] == mapping.concurrency
    for one in deployed.DEPLOYED.queues:
        queue = queues[one.name.replace(deployed.NAME, name)]
        address = f"module.receipts.module.{one.queue}.aws_sqs_queue_redrive_policy.this"
        assert queue["fifo_queue"] == one.fifo
        assert queue["visibility_timeout_seconds"] == one.visibility
        assert queue["message_retention_seconds"] == one.kept
        assert json.loads(redrives[address]["redrive_policy"])["maxReceiveCount"] == one.most_receives


def test_the_tables_are_those_that_terraform_plans() -> None:
    values = planned.plan_of("receipts", "local")
    tables = {one["name"]: one for one in planned.resources(values, "aws_dynamodb_table").values()}
    for table, schema in deployed.TABLES.items():
        row = tables[f"{deployed.NAME}-{table}"]
        assert [row["hash_key"], row["range_key"]] == [name for name, _ in schema]
        indexes = {index["name"]: index for index in row["global_secondary_index"] or ()}
        ours = {index.name: index for index in deployed.DEPLOYED.indexes.get(table, ())}
        assert indexes.keys() == ours.keys()
        for name, index in indexes.items():
            assert index["projection_type"] == "KEYS_ONLY"
            assert [index["hash_key"], index["range_key"]] == [part for part, _ in ours[name].schema]


def test_the_functions_are_those_that_there_are() -> None:
    assert sorted(deployed.FUNCTIONS) == sorted(functions_of("receipts")) == sorted(deployed.ENVIRONMENTS)


def test_the_functions_settings_are_those_that_terraform_plans() -> None:
    values = planned.plan_of("receipts", "local")
    # the secret's whole ARN there: the simulated service does not know it by less
    otherwise = {*deployed.OTHERWISE, "DATABASE_SECRET"}
    for function in deployed.FUNCTIONS:
        settings = deployed.ENVIRONMENTS[function]
        given = {
            key: value
            for key, value in planned.environment(values, function).items()
            if not key.startswith(("POWERTOOLS_", "AWS_"))
        }
        ours, theirs = (
            {key: said[key] for key in said if not key.endswith("_URL") and key not in otherwise}
            for said in (settings, given)
        )
        assert ours == theirs, function
