"""The deployed harvest, its roles enforced: a run goes all the way, and is steered on it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rich.console import Console

from tests.support.left import processes_in
from tools.iam import roles
from tools.iam.trail import Trail, recording
from tools.local_cloud import stack
from tools.local_cloud.runs import Run
from tools.local_cloud.vendor import stand_in
from tools.local_cloud.vendor.stand_in import StandIn
from tools.operations import api
from tools.operations.deployment import Deployment
from tools.operations.harvest import prove, smoke
from tools.simulation.aws.actions import Need
from tools.traffic.harvest import answers

pytestmark = pytest.mark.slow

BOUND = 150.0
GROUPS = {"large": 30, "small/ü": 3}
# What a role may do and nothing here brings about: failures, a token near its end, a mended secret.
RUNTIME = ("logs:", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")
RARE = {
    "start": {"secretsmanager:GetSecretValue"},
    "pace": {"s3:PutObject", "sqs:SendMessage", "dynamodb:GetItem", "dynamodb:BatchWriteItem"},  # poison, a turn's end
    "work": {
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "sqs:SendMessage",
        "s3:PutObject",
        "secretsmanager:PutSecretValue",
    },
    "store": {"s3:ListBucket"},  # what tells a missing object from one that may not be read
    "runs": {"sqs:SendMessage"},
}

Json = dict[str, Any]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    run = Run(tmp_path_factory.mktemp("harvest"))
    try:
        stack.up(run, lambda _: None, pipelines=("harvest",))
        yield run
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []


@pytest.fixture(scope="module")
def deployed(run: Run) -> Deployment:
    return Deployment.local(run)


@pytest.fixture(scope="module")
def vendor(run: Run) -> StandIn:
    """A vendor that is limited as the pipeline is told, and fails now and then."""
    served = stand_in.start(run)
    limits = [{"calls": 500, "seconds": 10, "window": "fixed"}]
    served.ask("begin", groups=GROUPS, latency=[0.01, 0.1], errors=0.05, limits=limits)
    return served


@pytest.fixture(scope="module")
def trail(deployed: Deployment) -> Iterator[Trail]:
    with recording(deployed) as made:
        yield made


def asked(deployed: Deployment, method: str, path: str, body: Json | None = None) -> Json:
    answer = api.ask(deployed, method, path, body)
    assert answer.body is not None, answer
    assert answer.status < 300, answer
    return answer.body


def until(what: Callable[[], Any]) -> Any:
    """The first answer that says yes, in bounded time."""
    deadline = time.monotonic() + BOUND
    while not (found := what()):
        assert time.monotonic() < deadline, f"not within {BOUND:.0f} s"
        time.sleep(0.3)
    return found


@pytest.fixture(scope="module")
def complete(deployed: Deployment, vendor: StandIn, trail: Trail) -> Json:
    """A run that was paused, went on, got another group, and is over and merged."""
    begun = asked(deployed, "POST", "/v1/runs", {"name": "daily"})
    path = f"/v1/runs/{begun['run_id']}"
    refused = api.ask(deployed, "POST", "/v1/runs", {"name": "daily"})
    assert (refused.status, (refused.body or {})["code"]) == (409, "run-running")
    until(lambda: vendor.ask("judge")["calls"] > 5)
    asked(deployed, "POST", f"{path}/pause")
    time.sleep(5)
    before = vendor.ask("judge")["calls"]
    time.sleep(1.5)
    assert vendor.ask("judge")["calls"] == before, "quiet within five seconds of a pause"
    vendor.ask("group", name="late", hosts=2)
    asked(deployed, "POST", "/v1/runs", {"name": "daily", "groups": ["late"], "if_running": "add"})
    asked(deployed, "POST", f"{path}/rate", {"rate": 40.0})
    asked(deployed, "POST", f"{path}/resume")
    said: Json = until(lambda: one if (one := asked(deployed, "GET", path))["state"].startswith("completed") else None)
    s3, bucket = deployed.client("s3"), deployed.outputs["buckets"]["results"]
    until(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=f"runs/run={begun['run_id']}.json").get("KeyCount"))
    return said


def test_all_of_it_is_fetched_and_nothing_refused(complete: Json, vendor: StandIn) -> None:
    judged = vendor.ask("judge")
    assert complete["state"] == "completed", complete
    assert {there for there, _ in judged["complete"].values()} != {0}
    assert all(there == answered for there, answered in judged["complete"].values()), judged
    assert (judged["throttled"], judged["over"]) == (0, 0)
    assert judged["repeated"] == {}
    assert complete["causes"].get("http-503", 0) > 0, "5 % of the calls failed, and were tried again"


def test_what_was_stored_can_be_asked(deployed: Deployment, complete: Json, vendor: StandIn, run: Run) -> None:
    s3, bucket = deployed.client("s3"), deployed.outputs["buckets"]["results"]
    assert answers.fetch(s3, bucket, complete["run_id"], run.folder / "results")
    found = answers.counted(run.folder / "results", complete["run_id"])
    there = vendor.ask("judge")["complete"]
    assert found["data"] == (there["data"][0], there["data"][0])
    assert found["data groups"] == (35, 35)


def test_its_rows_add_up(deployed: Deployment, complete: Json) -> None:
    console = Console(width=200, file=io.StringIO(), record=True)
    assert prove.run(deployed, console, complete["run_id"]) == 0, console.export_text()


def test_smoke(deployed: Deployment, complete: Json, trail: Trail) -> None:
    console = Console(width=240, file=io.StringIO(), record=True)
    code = smoke.run(deployed, console)
    assert code == 0, console.export_text()


@pytest.mark.parametrize("function", ["start", "pace", "work", "store", "runs"])
def test_a_function_uses_what_its_deployed_role_allows(
    deployed: Deployment, complete: Json, trail: Trail, function: str
) -> None:
    """The emulator enforces the roles, so nothing else was used; what was not is rare, and told."""
    iam, role = deployed.client("iam"), deployed.outputs["functions"][function]["role"]
    granted = roles.granted(iam.get_role_policy(RoleName=role, PolicyName="calls")["PolicyDocument"])
    used = {Need(one.action, one.resource) for one in trail.used(function)}
    assert used, f"no call of {function} was recorded"
    assert used - granted == set()
    unused = {need for need in granted - used if not need.action.startswith(RUNTIME)}
    assert {need for need in unused if need.action not in RARE.get(function, set())} == set()
