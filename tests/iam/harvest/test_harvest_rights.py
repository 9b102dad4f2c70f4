"""Each role of the harvest allows what its function's calls need, no less and no more, in the plan
of every environment. The calls are those of its own tests: what goes well, and what goes wrong.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType

import pytest

from shared import fanout
from tests.iam import recorded
from tests.lambda_src.harvest import (
    test_harvest_store,
    test_harvest_token,
    test_harvest_work,
    test_harvest_work_trouble,
)
from tests.lambda_src.harvest.conftest import MakeWorld, world_of
from tests.lambda_src.harvest.steered import Steered
from tests.lambda_src.harvest.storing import Stored
from tests.lambda_src.harvest.toy_vendor import Vendor
from tests.lambda_src.harvest.working import World
from tests.support.plan import ROOT, plan_of, resources
from tests.terraform.hcl import ENVIRONMENTS
from tools.environment.zips import functions_of
from tools.iam import roles
from tools.simulation.aws import cloud
from tools.simulation.aws.actions import Need, Where
from tools.simulation.aws.calls import Call
from tools.simulation.aws.used import used_by
from tools.simulation.harvest.deployed import DEPLOYED

__all__ = ["world_of"]

FUNCTIONS = functions_of("harvest")
WHERE = Where("<account>")
CODE = str(ROOT / "lambda_src/harvest")
# what AWS does with a function's role: its logs, and the queue that its mapping polls
OF_AWS = re.compile(r"logs:|sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)")
# S3 says 404 of what is not there only to who may list, and 403 to others; no call shows that
TOLD_BY_S3 = {"store": {Need("s3:ListBucket", "results")}}


class Recorder:
    """Notes who calls what: the function whose file is the outermost of the product's in the stack.

    In a thread, or another actor, there is none: then it is `owner`, whose test it is.
    """

    def __init__(self) -> None:
        self.calls: dict[tuple[str, Need], set[str]] = {}
        self.owner = ""

    def note(self, call: Call) -> None:
        """Keep the rights that a call uses."""
        if who := self._who():
            for used in used_by(who, call.service, call.operation, call.params, WHERE):
                right = who, Need(used.action, _short(used.resource))
                self.calls.setdefault(right, set()).add(used.call)

    def _who(self) -> str:
        frame: FrameType | None = sys._getframe(2)
        outermost = beyond = ""
        while frame is not None:
            path = frame.f_code.co_filename
            if path.startswith(CODE):
                outermost, beyond = path.rpartition("/")[2].removesuffix(".py"), ""
            elif outermost and not beyond and path.startswith(str(ROOT)):
                beyond = path
            frame = frame.f_back
        if outermost in FUNCTIONS:
            return outermost
        return "" if not outermost or beyond.startswith(str(ROOT / "tests")) else self.owner


def _short(resource: str) -> str:
    """A resource by its own name, without pipeline, environment and account."""
    named = resource.removeprefix("arn:aws:").split(":", 4)[-1] if ":s3:::" not in resource else resource[13:]
    named = re.sub(r"^(table/)?(sluice-\w+-harvest-)?", "", named).removesuffix(".fifo")
    named = re.sub(r"^(results|quarantine)-\d{12}", r"\1", named)
    return "secret" if ":secretsmanager:" in resource else named


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    cloud.WATCHERS.append(recorder.note)
    try:
        yield
    finally:
        cloud.WATCHERS.remove(recorder.note)


@pytest.fixture
def calls(world_of: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, Need], set[str]]:
    """Function and right → the calls that used it."""
    recorder = Recorder()
    with recording(recorder):
        for owner, play in _scenes(world_of):
            recorder.owner = owner
            with monkeypatch.context() as patch:
                patch.setattr(fanout, "each", lambda call, items: [call(item) for item in items])
                play(patch)
    return recorder.calls


def _scenes(
    world_of: MakeWorld,
) -> Iterator[tuple[str, Callable[[pytest.MonkeyPatch], object]]]:
    """What is played, and whose threads its calls are."""
    work, trouble, token = test_harvest_work, test_harvest_work_trouble, test_harvest_token
    for test in (
        work.test_groups_are_parcels_of_their_names,
        work.test_an_answer_that_cannot_be_read_fails_alone_and_is_quarantined,
        work.test_the_silent_pacer_is_woken_and_one_that_is_heard_of_is_not,
        trouble.test_a_parcel_of_refused_calls_is_one_write,
    ):
        yield "work", lambda patch, test=test: test(World(patch).with_token())  # type: ignore[misc]
    for test in (
        token.test_the_first_token_is_fetched_once_for_the_fleet,
        token.test_refused_twice_the_run_stops_with_one_message_and_resumes_when_mended,
    ):
        yield "work", lambda patch, test=test: test(World(patch, token_seconds=60))  # type: ignore[misc]
    yield (
        "work",
        lambda patch: work.test_a_listing_that_moves_is_made_anew_and_nobody_is_a_task_twice(
            World(patch).with_token(), patch
        ),
    )
    yield (
        "start",
        lambda patch: token.test_the_minute_leads_on_a_run_whose_secret_was_mended_and_no_other(
            World(patch, token_seconds=60)
        ),
    )
    yield (
        "store",
        lambda patch: test_harvest_store.test_a_runs_end_waits_for_its_groups_and_then_says_what_it_holds(
            Stored(patch).harvest()
        ),
    )
    yield "start", _steer
    yield "pace", lambda _: _pace(world_of)


def _steer(patch: pytest.MonkeyPatch) -> None:
    """Begin, add to, look at and lead runs."""
    steered = Steered(patch)
    run_id = steered.begun()
    steered.do(run_id)
    steered.post(name="nightly", groups=["a"], if_running="add")
    steered.begun(name="some", groups=["a", "b"])
    for what, body in (("pause", {}), ("resume", {}), ("rate", {"rate": 1.0}), ("cancel", {})):
        assert steered.do(run_id, what, body).status == 200


def _pace(world_of: MakeWorld) -> None:
    """A whole run, with a task that kills its workers; and one that nobody works on."""
    world = world_of(Vendor({"a": 5}, 3, poison={"data/a/h2/d1"}), {"limits": [{"calls": 20, "seconds": 1}]})
    world.begin()
    world.finish(300)
    world = world_of(Vendor({"a": 5}, 3), {"limits": [{"calls": 20, "seconds": 1}]}, turn_seconds=6, idle_turns=2)
    world.deaf = True
    world.begin()
    world.play(200)
    assert world.run().state == "stopped"


@cache
def allowed(environment: str) -> dict[str, set[Need]]:
    """What each role allows, but for what AWS does with it."""
    found = {}
    for address, values in resources(plan_of("harvest", environment), "aws_iam_role_policy").items():
        if match := re.fullmatch(r"module\.harvest\.module\.(\w+)\.aws_iam_role_policy\.this", address):
            needs = roles.granted(values["policy"])
            found[match[1]] = {Need(n.action, _short(n.resource)) for n in needs if not OF_AWS.match(n.action)}
    return found


def test_a_role_allows_what_its_function_calls_and_nothing_else(calls: dict[tuple[str, Need], set[str]]) -> None:
    used = {function: {need for who, need in calls if who == function} for function in FUNCTIONS}
    assert [function for function in FUNCTIONS if len(used[function]) < 4] == [], "no test has these call much"
    differ = {
        (function, environment): roles.differences(
            allowed(environment)[function], used[function] | TOLD_BY_S3.get(function, set()), set()
        )
        for function in FUNCTIONS
        for environment in ENVIRONMENTS
    }
    assert {which: lines for which, lines in differ.items() if lines} == {}
    recorded.compare("harvest", DEPLOYED, calls, _short)


def test_a_schedule_may_invoke_start_and_nothing_else() -> None:
    planned = plan_of("harvest", "prod")
    schedules = resources(planned, "aws_scheduler_schedule")
    assert len(schedules) == 2
    for address in schedules:
        module = address.rpartition(".aws_scheduler_schedule")[0]
        policy = resources(planned, "aws_iam_role_policy")[f"{module}.aws_iam_role_policy.this"]["policy"]
        (need,) = roles.granted(policy)
        assert need.action == "lambda:InvokeFunction"
        assert need.resource.endswith(":function:sluice-prod-harvest-start:live")
