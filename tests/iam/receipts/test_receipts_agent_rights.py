"""Whatever the agent calls on the simulated cloud, its policy allows, and no more, in the plan of
every environment, whether it has an agent or could have one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase

import pytest

from receipts import documents
from receipts.delivery import messages
from receipts.delivery.inbox import Inbox
from receipts.delivery.lane import AWAY, EMPTY, Lane
from receipts.delivery.pace import Budget, Pace
from receipts.delivery.port import Away
from receipts.delivery.work import Documents
from tests.iam.receipts.test_receipts_rights import WHERE, _short
from tests.lambda_src.receipts.conftest import log, simulated, time
from tests.lambda_src.receipts.delivery.conftest import lanes
from tests.lambda_src.receipts.delivery.lanes import Lanes, question
from tests.support.plan import plan_of
from tests.terraform.hcl import ENVIRONMENTS
from tools.environment.planned import outputs
from tools.iam import roles
from tools.simulation.aws import cloud
from tools.simulation.aws.actions import Need
from tools.simulation.aws.calls import Call
from tools.simulation.aws.used import used_by

FIVE = (
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"),
    *("sqs:SendMessage", "s3:GetObject"),
)

__all__ = ["lanes", "log", "simulated", "time"]


@contextmanager
def _recorded() -> Iterator[set[Need]]:
    used: set[Need] = set()

    def note(call: Call) -> None:
        used.update(
            Need(one.action, _short(one.resource))
            for one in used_by("agent", call.service, call.operation, call.params, WHERE)
        )

    cloud.WATCHERS.append(note)
    try:
        yield used
    finally:
        cloud.WATCHERS.remove(note)


def _played(lanes: Lanes) -> set[Need]:
    """What is given back by a database that goes away; then what is delivered, counted, no JSON."""

    def lost(name: str) -> None:
        if name == "deliver":
            raise Away("lost")

    lanes.read(1, 2)
    lanes.put(b"no document", 3)
    lanes.point(3)
    lanes.send(messages.encode(question(1, 9)))
    lanes.send("no pointer")
    named = lanes.config
    inbox = Inbox(lanes.sqs, named.delivery_queue_url, named.delivered_queue_url)
    documents = Documents(lanes.s3, named.documents_bucket)
    lane = Lane("agent-w1", inbox, documents, lanes.database.connect, Budget(), "1.0", wait_seconds=20)
    with _recorded() as used:
        lanes.database.before = lost
        assert lane.run(Pace(), lambda: False).why == AWAY
        lanes.database.before = lambda name: None
        assert lane.run(Pace(), lambda: False).why == EMPTY
    assert len(lanes.delivered()) == 2
    return used


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_agent_uses_all_that_its_policy_allows_and_nothing_else(lanes: Lanes, name: str) -> None:
    used = _played(lanes)
    policy = json.loads(outputs(plan_of("receipts", name))["receipts"]["agent"]["policy"])
    plain = [one for one in policy["Statement"] if "Condition" not in one]
    allowed = {Need(need.action, _short(need.resource)) for need in roles.granted({"Statement": plain})}
    assert roles.differences(allowed, used, set()) == []
    assert {need.action for need in allowed} == set(FIVE)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_agent_is_told_that_a_document_is_gone_and_lists_none(name: str) -> None:
    """S3 says `NoSuchKey` to who might list what begins with the key that was asked for."""
    policy = json.loads(outputs(plan_of("receipts", name))["receipts"]["agent"]["policy"])
    (one,) = [one for one in policy["Statement"] if "Condition" in one]
    assert (one["Effect"], one["Action"], _short(*one["Resource"])) == ("Allow", ["s3:ListBucket"], "documents")
    (pattern,) = one["Condition"].pop("StringLike").values()
    assert one["Condition"] == {}
    for revision in (0, 1, 12):
        assert fnmatchcase(documents.key_of("a" * 26, "b" * 32, revision), pattern)
    for prefix in ("", "results/", "results/" + "a" * 26, "results/" + "a" * 26 + "/", "images/a/b", "reports/a.json"):
        assert not fnmatchcase(prefix, pattern)
