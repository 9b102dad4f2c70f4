"""Seeded histories of the whole pipeline, fewer than `make faults` runs; that they repeat; that the
world is what Terraform plans.
"""

import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from tests.support import plan as planned
from tools.environment.zips import functions_of
from tools.simulation.brief import HISTORIES
from tools.simulation.campaign import chunk
from tools.simulation.plan import Event, Fault, to_word
from tools.simulation.report import tell
from tools.simulation.votes import deployed
from tools.simulation.votes.cells import CALLS, MATRIX, WATCHING
from tools.simulation.votes.pipeline import PIPELINE
from tools.simulation.votes.plan import EVENTS, Cast, Plan, Request, from_word
from tools.simulation.votes.standins import installed
from tools.simulation.votes.world import World
from votes.journal import Journal

OURS = {*deployed.SMALLER, "MAPPINGS"}  # their addresses are unknown until they are made
BUSY = Plan(
    3,
    (
        Request(0, (Cast(0, 0, 7), Cast(1, 0, 8), Cast(2, 1, 9, 4)), 60_000, 10_000),
        Request(800, (Cast(0, 0, 20), Cast(3, 2, 100)), None, 0, 1),
        Request(30_000, (Cast(0, 0, 5), Cast(1, 0, 6)), 0, 360_000),
        Request(60_000, (Cast(4, 0, 5), Cast(1, 2, 6)), 0, 0, 0, 1),
    ),
    tuple(Fault(cell, cell % 3, 1 + cell % 4) for cell in range(0, len(MATRIX.cells), 9)),
    (Event(0, 1_000, 60_000, 1), Event(1, 30_000, 1_200_000), Event(4, 500, 20_000), Event(5, 40_000, 20_000)),
    True,
    7,
    watched=True,
)


def test_histories_come_out_right(histories: dict[str, Any]) -> None:
    assert histories["histories"] > 0.9 * HISTORIES
    assert set(histories["calls"]) >= set(CALLS), "a call in tools/simulation/votes/cells.py is never made"
    assert sum(number for *_, number in histories["fired"]) > HISTORIES
    assert histories["broken"] is None


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


def test_a_broken_history_is_made_short_and_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The append without its condition: the entry of another is overwritten."""
    monkeypatch.setattr("votes.journal.Journal._put_new", _overwrite)
    found = next(found for found in (chunk(PIPELINE, number, 1, shrink=2) for number in range(40)) if found.broken)
    assert found.broken is not None
    assert found.broken["check"] == "journal"
    assert not tell(Console(width=200), PIPELINE, found.broken["history"])
    told = capsys.readouterr().out
    assert f"BROKEN journal: {found.broken['detail']}" in told
    assert "dynamodb.PutItem journal (append)" in told


def _overwrite(journal: Journal, row: dict[str, Any], put_new: Any = Journal._put_new) -> bool:
    if "entry" not in row:
        return bool(put_new(journal, row))
    journal._client.put_item(TableName=journal._journal, Item=row)
    return True


def test_a_call_without_a_row_ends_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "matrix", replace(MATRIX, calls=CALLS[1:]))
    found = chunk(PIPELINE, 0, 1, size=3, shrink=0)
    assert found.broken is not None
    assert found.broken["check"] == "calls"
    assert "receive sqs.SendMessageBatch ingest (send)" in found.broken["detail"]


def test_an_entry_that_cannot_be_read_stops_its_shard_alone() -> None:
    requests = tuple(Request(at, tuple(Cast(voter, 0, 3 + at % 7) for voter in range(5))) for at in (0, 4_000, 700_000))
    with installed():
        for seed in range(10):
            world = World(
                Plan(3, requests, (), (Event(EVENTS.index("damage"), 1_500, 1_200_000),), False, seed), trace=True
            )
            world.run()
            assert world.events.fired["damage"] == 1
            assert world.undisturbed()
            assert any("stopped" in line for line in world.trace or ())


@pytest.mark.parametrize("environment", ["local", "prod"])
def test_the_world_is_deployed_as_terraform_plans_it(environment: str) -> None:
    """Limits of size may differ between environments; what a queue and its function owe each other
    may not.
    """
    values = planned.plan_of("votes", environment)
    name = f"sluice-{environment}-votes"
    queues = {queue["name"]: queue for queue in planned.resources(values, "aws_sqs_queue").values()}
    mappings = {
        address.split(".")[3]: mapping
        for address, mapping in planned.resources(values, "aws_lambda_event_source_mapping").items()
    }
    functions = {one["function_name"]: one for one in planned.resources(values, "aws_lambda_function").values()}
    redrives = planned.resources(values, "aws_sqs_queue_redrive_policy")
    for function, timeout in deployed.TIMEOUTS.items():
        assert functions[f"{name}-{function}"]["timeout"] == timeout
    for mapping in deployed.MAPPINGS:
        queue = queues[mapping.name.replace(deployed.NAME, name)]
        of = mappings[mapping.function]
        policy = json.loads(
            redrives[f"module.votes.module.{mapping.queue}.aws_sqs_queue_redrive_policy.this"]["redrive_policy"]
        )
        window = of["maximum_batching_window_in_seconds"] or 0
        assert queue["fifo_queue"] == mapping.fifo
        assert (
            queue["visibility_timeout_seconds"] - window
            == mapping.visibility - mapping.window
            == 6 * deployed.TIMEOUTS[mapping.function]
        )
        assert of["function_response_types"] == ["ReportBatchItemFailures"]
        assert policy["deadLetterTargetArn"].endswith(mapping.dead_letters.replace(deployed.NAME, name))
        assert policy["maxReceiveCount"] >= mapping.most_receives
        if environment == "local":
            assert policy["maxReceiveCount"] == mapping.most_receives
            assert queue["delay_seconds"] == mapping.delay
            assert (of["batch_size"], window) == (mapping.batch_size, mapping.window)
            assert of["scaling_config"][0]["maximum_concurrency"] == mapping.concurrency


def test_the_functions_are_those_that_there_are() -> None:
    assert sorted(deployed.FUNCTIONS) == sorted(functions_of("votes")) == sorted(deployed.ENVIRONMENTS)


def test_the_functions_settings_are_those_that_terraform_plans() -> None:
    values = planned.plan_of("votes", "local")
    for function, settings in deployed.ENVIRONMENTS.items():
        given = {
            key: value
            for key, value in planned.environment(values, function).items()
            if not key.startswith("POWERTOOLS_")
        }
        ours, theirs = (
            {key: said[key] for key in said if not key.endswith("_URL") and key not in OURS}
            for said in (settings, given)
        )
        assert ours == theirs, function
    schedules = planned.resources(values, "aws_scheduler_schedule")
    by_name = {one["name"].rsplit("-", 1)[-1]: one["schedule_expression"] for one in schedules.values()}
    assert {by_name[function] for function in WATCHING} == {"rate(1 minute)"}
    assert deployed.WATCH_SECONDS == 60
