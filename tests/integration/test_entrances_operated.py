"""What a person does with a pipeline whose entrance is a load balancer, or Function URLs: smoke,
soak, status and conservation, the demo's burst, redrive, and the fuzzer.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from shared.quarantine import Quarantine, line_of
from tests.integration.test_openapi import fuzz
from tests.support.drained import wait_until_drained
from tests.support.left import processes_in
from tools.demo.votes import demo, running
from tools.local_cloud import stack
from tools.local_cloud.runs import Run
from tools.operations import redrive_command, smoke, soak, status
from tools.operations.api import ask
from tools.operations.deployment import Deployment
from tools.operations.votes import catalogue, witnesses
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.traffic.drain import Watch
from tools.traffic.votes import load
from tools.traffic.votes.bad_input import BAD_REQUESTS, GOOD
from tools.traffic.votes.verdict import Verdict

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["alb", "function_url"])
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """votes by another entrance than an HTTP API."""
    run = Run(tmp_path_factory.mktemp("cloud"))
    try:
        stack.up(run, lambda _: None, pipelines=("votes",), entrance=request.param)
        yield Deployment.local(run)
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []


@pytest.fixture
def console() -> Console:
    return Console(width=300, file=io.StringIO(), record=True)


def test_operations_say_that_all_is_well(deployment: Deployment, console: Console) -> None:
    """Before anything is sent that nobody can read."""
    codes = [
        smoke.run(deployment, console, VOTES),
        status.run([(deployment, VOTES)], console),
        soak.run([(deployment, VOTES)], console, soak.Options(minutes=0.1)),
        witnesses.run(deployment, console, minutes=None),
    ]
    said = console.export_text()
    assert codes == [0, 0, 0, 0], said
    for part in ("refused by the API", "read back by the API: 1 voter", "all held for 0.1 minutes", "0 missing"):
        assert part in said
    assert deployment.outputs["api_url"] in said


def test_a_burst_with_all_bad_input_is_counted_as_a_direct_count_says(deployment: Deployment, console: Console) -> None:
    plan, verdict, figures = load.build(3, 400, datetime.now(UTC)), Verdict(), demo.Figures()
    catalogue.load(deployment, plan.catalogue)
    with Watch(deployment) as watch:
        progress = running.Progress(console, watch, plan.ballots)
        demo._drive(progress, deployment, plan, watch, verdict, figures)
    running.compare(deployment, plan, verdict)
    found, seen = running.account(deployment, verdict)
    verdict.balance(sum(found.values()), len(seen.missing))
    assert verdict.problems == []
    assert verdict.refused_requests >= len(BAD_REQUESTS) > 10


def test_what_was_quarantined_is_redriven_and_counted(deployment: Deployment, console: Console) -> None:
    title, now = "redriven-by-another-door", int(time.time() * 1e6)
    lines = [line_of("ingest", "title-not-open", "d", now, ballot=GOOD | {"title_id": title})]
    bucket = deployment.outputs["quarantine_bucket"]
    Quarantine(deployment.client("s3"), bucket).put("redrive-test", now, lines)
    options = redrive_command.Options("quarantine", reason="redrive-test", confirm=True)
    assert redrive_command.run(deployment, console, options, VOTES) == 0
    wait_until_drained(deployment)
    answer = ask(deployment, "GET", f"/v1/titles/{title}/results")
    assert answer.body is not None, answer
    assert answer.body["voters"] == 1


def test_every_answer_is_described_and_none_is_our_fault(deployment: Deployment, tmp_path: Path) -> None:
    fuzz(deployment, tmp_path)
