"""The operator's night on the local cloud: garbage on three queues, workers killed, a mapping off,
a role's right lost, dead letters. Status names each, with the command that cures it, and that does.
"""

from __future__ import annotations

import io
import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from rich.console import Console

from tests.integration.test_conservation_deployed import until
from tests.integration.test_redrive_deployed import _given_up_at_once
from tools.common.errors import CommandError
from tools.demo import nemesis
from tools.local_cloud import stack
from tools.local_cloud.runs import Run
from tools.operations import mapping, quarantine, redrive_command, status
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.traffic.client import Client
from tools.traffic.votes import api
from tools.traffic.votes.bad_input import GOOD, ballots_request


def _console() -> Console:
    return Console(width=80, file=io.StringIO())


def _findings(deployment: Deployment) -> dict[str, str]:
    """What is wrong, and the command that cures each."""
    return {str(one): one.command for one in status.health(deployment, VOTES).findings}


def _named(deployment: Deployment, part: str) -> str:
    """The command of the finding with that part, which comes in time."""
    found: list[str] = []

    def is_named() -> bool:
        found[:] = [command for cause, command in _findings(deployment).items() if part in cause]
        return bool(found)

    until(is_named)
    return found[0]


def _vote(deployment: Deployment, voter: str) -> None:
    """Cast a ballot; one that is not taken is sent again, as clients do: a worker may be dead."""
    ballot = GOOD | {"voter_id": voter, "title_id": "night"}
    with closing(Client(deployment.outputs["api_url"])) as client:

        def is_taken() -> bool:
            with suppress(CommandError):
                return api.post(client, ballots_request([ballot])).status == 202
            return False

        until(is_taken)


def test_a_mapping_that_is_off(deployment: Deployment, drained: Callable[[], None]) -> None:
    off = mapping.Options("write", on=False, confirm=True)
    assert mapping.run(deployment, _console(), off, VOTES) == 0
    try:
        cure = _named(deployment, "write takes nothing, its mapping is off")
        assert cure == "make mapping ENV=local FUNCTION=write ON=yes"
    finally:
        assert mapping.run(deployment, _console(), mapping.Options("write", on=True), VOTES) == 0
    drained()
    assert not [cause for cause in _findings(deployment) if "mapping" in cause]


def test_garbage_is_set_aside_and_dead_letters_are_put_away(
    deployment: Deployment, drained: Callable[[], None]
) -> None:
    sqs, queues, began = deployment.client("sqs"), deployment.outputs["queues"], time.time_ns()
    for name in ("ingest", "count", "tick"):
        fifo = {"MessageGroupId": "night", "MessageDeduplicationId": f"{began}"} if name != "ingest" else {}
        sqs.send_message(QueueUrl=queues[name]["url"], MessageBody=f"garbage {began}", **fifo)
    with _given_up_at_once(deployment, "ingest"):
        body = json.dumps({"v": 2, "ballots": [{}]})
        sqs.send_message(QueueUrl=queues["ingest"]["url"], MessageBody=body)
        until(lambda: depth(sqs, queues["ingest"]["dead_letter_url"]).total == 1)
    assert _named(deployment, "1 dead letter in ingest") == "make redrive ENV=local QUEUE=ingest"
    options = redrive_command.Options("ingest", reason="newer-version", quarantine=True, confirm=True)
    assert redrive_command.run(deployment, _console(), options, VOTES) == 0
    assert not [cause for cause in _findings(deployment) if "dead letter" in cause]
    drained()
    cure = _named(deployment, "(not-json)")
    assert cure == "make redrive ENV=local QUEUE=quarantine REASON=not-json"
    bodies = [line.get("body") for line in quarantine.lines(deployment, deployment.client("s3"))]
    assert bodies.count(f"garbage {began}") == 2, "a tick is a tick, whatever it says"
    assert body in bodies


def test_a_worker_that_is_killed_at_its_work_is_named_and_replaced(
    run: Run, deployment: Deployment, drained: Callable[[], None]
) -> None:
    command, emulator = "make logs ENV=local FUNCTION=receive", int(run.state()["pid"])
    _vote(deployment, "before")  # so there is a worker
    with ThreadPoolExecutor() as pool:

        def is_named() -> bool:
            receiving = [pid for pid, name in nemesis.workers(emulator).items() if name == "receive"]
            _signal(receiving, signal.SIGSTOP)
            vote = pool.submit(_vote, deployment, "killed")
            time.sleep(0.2)  # it is at it now, as a rule
            _signal(receiving, signal.SIGKILL)
            vote.result(60)
            return command in [cure for cause, cure in _findings(deployment).items() if "(Crash" in cause]

        until(is_named)
    drained()
    until(lambda: not [cause for cause in _findings(deployment) if "oldest" in cause])


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.mark.slow
def test_a_right_that_a_role_lost(run: Run, deployment: Deployment, drained: Callable[[], None]) -> None:
    iam, role = deployment.client("iam"), deployment.outputs["functions"]["process"]["role"]
    document = iam.get_role_policy(RoleName=role, PolicyName="calls")["PolicyDocument"]
    document["Statement"] = [one for one in document["Statement"] if "sqs:SendMessage" not in one["Action"]]
    iam.put_role_policy(RoleName=role, PolicyName="calls", PolicyDocument=json.dumps(document))
    try:
        _vote(deployment, "refused")
        assert _named(deployment, "process failed ") == "make up PIPELINE=votes"
    finally:
        stack.up(run, lambda _: None, pipelines=("votes",))
    drained()
