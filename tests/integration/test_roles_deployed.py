"""The deployed functions use what their roles allow, all of it and nothing else: recorded by the
emulator, which enforces the roles.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest
import urllib3

from shared import clock
from tests.support.counted import dies_in
from tests.support.plan import FUNCTIONS, plan_of
from tools.iam import roles, trail
from tools.iam.votes.pipeline import PIPELINE
from tools.operations.deployment import Deployment
from tools.operations.votes.wake import wake_tally
from tools.simulation.aws.actions import Need
from tools.simulation.aws.used import Used
from tools.simulation.votes import deployed
from tools.traffic.client import Client
from tools.traffic.votes import api
from tools.traffic.votes.bad_input import GOOD, ballots_request
from votes.erasure import Erasure
from votes.journal import WRITERS_LIVE_SECONDS, Journal
from votes.last_entry import end_of
from votes.shards import shard_of
from votes.tallies import Tallies

BOUND = 30.0
ERASED = "erased-in-part"
# What keeps a function from its work, so that it gives its messages back.
REFUSED = {"tally": "dynamodb:BatchGetItem", "write": "dynamodb:PutItem", "process": "sqs:SendMessageBatch"}
# Used where a stack is new, before anybody counts, or once by each worker: maybe earlier.
FIRST = {
    Need("dynamodb:PutItem", "tallies"),
    Need("dynamodb:PutItem", "keys"),
    Need("dynamodb:GetItem", "keys"),
}


@pytest.fixture(scope="module")
def recorded(deployment: Deployment, drained: Callable[[], None]) -> set[Used]:
    """The rights that the functions used while everything that they do was brought about."""
    with trail.recording(deployment) as recording:
        _vote(deployment, ERASED, "again")
        _put_bad_messages(deployment)
        _call(deployment, "probe")
        drained()
        _vote(deployment, "again", score=2)
        _erase_in_part(deployment)
        _vote(
            deployment,
            next(voter for voter in map(str, range(99)) if _shard(deployment, voter) == _shard(deployment, ERASED)),
        )
        _move_a_head(deployment)
        _ask_for_results(deployment)
        drained()
        _call(deployment, "rank")
        _list_and_read_back(deployment)
        for function in ("conservation", "probe"):
            _call(deployment, function)
        _until(lambda: any(one.action == "dynamodb:DeleteItem" for one in recording.used("write")))
        with ExitStack() as refused:
            for function, action in REFUSED.items():
                refused.enter_context(_refused(deployment, function, action))
                _vote(deployment, f"refused-{function}")
                if function != "tally":  # whose tick comes seconds later
                    _until(partial(_gave_back, recording, function))
            _until(partial(_gave_back, recording, "tally"))
        drained()
        return recording.used()


def _vote(deployment: Deployment, *voters: str, score: int = 5) -> None:
    client = Client(deployment.outputs["api_url"])
    for voter in voters:
        ballot = GOOD | {"voter_id": voter, "title_id": "recorded", "votes": {"story": score}}
        assert api.post(client, ballots_request([ballot])).status == 202
    client.close()


def _put_bad_messages(deployment: Deployment) -> None:
    """What process and what write quarantine."""
    sqs, queues = deployment.client("sqs"), deployment.outputs["queues"]
    sqs.send_message(QueueUrl=queues["ingest"]["url"], MessageBody="not a message")
    sqs.send_message(
        QueueUrl=queues["count"]["url"],
        MessageBody="nor this",
        MessageGroupId="bad",
        MessageDeduplicationId=str(time.time_ns()),
    )


def _ask_for_results(deployment: Deployment) -> None:
    client = Client(deployment.outputs["api_url"])
    for title in ("recorded", "nobody-voted-on-this"):
        api.results(client, title)
    client.close()


def _move_a_head(deployment: Deployment) -> None:
    """An entry of more than 24 changes moves its shard's head at once."""
    voters = [voter for voter in map(str, range(999)) if _shard(deployment, voter) == 0][:30]
    ballots = [GOOD | {"voter_id": voter, "title_id": "recorded", "votes": {"story": 1}} for voter in voters]
    client = Client(deployment.outputs["api_url"])
    assert api.post(client, ballots_request(ballots)).status == 202
    client.close()


def _list_and_read_back(deployment: Deployment) -> None:
    """What a voter's page asks for."""
    for path, headers in (("/v1/titles", {}), ("/v1/titles/recorded/vote", {"Voter-Id": "again"})):
        answer = urllib3.request("GET", deployment.outputs["api_url"] + path, headers=headers, timeout=BOUND)
        assert answer.status == 200, answer.data


def _call(deployment: Deployment, function: str) -> None:
    """As its schedule does."""
    answer = deployment.client("lambda").invoke(
        FunctionName=deployment.outputs["functions"][function]["arn"], Payload=b'{"source":"schedule"}'
    )
    assert "FunctionError" not in answer, answer["Payload"].read()


def _shard(deployment: Deployment, voter_id: str) -> int:
    return shard_of(voter_id, deployment.outputs["settings"]["shards"])


def _erase_in_part(deployment: Deployment) -> None:
    """As `make erase` does, until it has appended what removes the voter's rows: the next who
    writes there removes them.
    """
    tables, settings, client = (
        deployment.outputs["tables"],
        deployment.outputs["settings"],
        deployment.client("dynamodb"),
    )
    journal = Journal(client, tables["journal"], tables["votes"])

    def erasure(later_seconds: float = 0) -> Erasure:
        return Erasure(
            journal,
            settings["shards"],
            settings["aspects"],
            ERASED,
            lambda: clock.now_us() + int(later_seconds * 1_000_000),
        )

    def upto() -> int:
        fold = Tallies(client, tables["tallies"]).fold()
        return fold.upto.get(_shard(deployment, ERASED), 0) if fold else 0

    erasure().withdraw()
    last = end_of(journal, _shard(deployment, ERASED))
    _call(deployment, "tally")
    wake_tally(deployment)
    _until(lambda: upto() >= last)
    dies_in(Journal, "remove_votes", lambda: erasure(WRITERS_LIVE_SECONDS + 2).remove(upto()))
    assert journal.votes_of(ERASED)


@contextmanager
def _refused(deployment: Deployment, function: str, action: str) -> Iterator[None]:
    """The function's role may not do something."""
    iam, role, name = deployment.client("iam"), deployment.outputs["functions"][function]["role"], "refused-for-a-while"
    statement = {"Effect": "Deny", "Action": [action], "Resource": ["*"]}
    iam.put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=name)


def _gave_back(recording: trail.Trail, function: str) -> bool:
    """Whether the function has set a message's visibility."""
    return any(one.action == "sqs:ChangeMessageVisibility" for one in recording.used(function))


def _until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + BOUND
    while not what():
        assert time.monotonic() < deadline, f"not within {BOUND:.0f} s"
        time.sleep(0.3)


def _allowed(deployment: Deployment, function: str) -> set[Need]:
    """What the deployed role allows, without what only the emulator asks for
    (environments/local/votes_emulator.tf).
    """
    iam, role = deployment.client("iam"), deployment.outputs["functions"][function]["role"]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    assert {name for name in names if not name.startswith("emulator-")} == {"calls"}
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    return roles.granted(iam.get_role_policy(RoleName=role, PolicyName="calls")["PolicyDocument"])


def _seeded(deployment: Deployment, seeded: set[Used], function: str) -> set[Need]:
    """What the seeded world recorded, with the mappings' UUIDs as they are deployed."""
    uuids = {one.uuid: deployment.outputs["mappings"][one.function] for one in deployed.MAPPINGS}
    found = set()
    for action, resource in roles.used_there(seeded, plan_of(PIPELINE.name, "local"), PIPELINE, function):
        arn, _, last = resource.rpartition(":")
        found.add(Need(action, f"{arn}:{uuids.get(last, last)}"))
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_uses_all_that_its_deployed_role_allows_and_nothing_else(
    deployment: Deployment, recorded: set[Used], seeded: set[Used], function: str
) -> None:
    used = {Need(one.action, one.resource) for one in recorded if one.who == function}
    assert used, f"no call of {function} was recorded"
    both = used | _seeded(deployment, seeded, function)
    by_aws = roles.runtime(plan_of(PIPELINE.name, "local"), PIPELINE, function)
    assert roles.differences(_allowed(deployment, function), both, by_aws) == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_deployed_functions_call_what_the_seeded_ones_do(
    deployment: Deployment, recorded: set[Used], seeded: set[Used], function: str
) -> None:
    """So what the seeded world shows of a role's rare rights was also used under that role,
    enforced.
    """
    used = {Need(one.action, one.resource) for one in recorded if one.who == function}
    wanted = {need for need in _seeded(deployment, seeded, function) if need.action != "lambda:GetEventSourceMapping"}
    first = {need for need in wanted if Need(need.action, need.resource.rsplit("-", 1)[-1]) in FIRST}
    assert used - wanted == set()
    assert wanted - used - first == set()
