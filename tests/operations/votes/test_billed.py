"""What smoke says of PartiQL's price: AWS's own figure, and why it is not known where it is not."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.operations.stand_ins import FakeDeployment, Json
from tests.support.authority import authority
from tools.operations.votes import billed
from tools.simulation.aws.cloud import Cloud
from votes import reserved


class Priced:
    """The simulated DynamoDB, which says what AWS would say that it took."""

    def __init__(self, units: float | None = 1.0, fails: Exception | None = None) -> None:
        cloud = Cloud(lambda: 0, random.Random(1))
        self.table = cloud.dynamodb.create_table("votes", ("voter_id", "S"), ("title_id", "S"))
        self.client, self.units, self.fails = cloud.client("dynamodb"), units, fails
        self.asked = 0

    def batch_execute_statement(self, *, ReturnConsumedCapacity: str, **asked: Any) -> Json:
        assert ReturnConsumedCapacity == "TOTAL"
        self.asked += len(asked["Statements"])
        if self.fails:
            raise self.fails
        answer: Json = self.client.batch_execute_statement(**asked)
        said = [] if self.units is None else [{"TableName": "votes", "CapacityUnits": self.units}]
        return answer | {"ConsumedCapacity": said}

    def voted(self, voter: str) -> Json:
        row = {
            "voter_id": {"S": voter},
            "title_id": {"S": reserved.TITLE},
            "n": {"N": "7"},
            "v": {"N": "1"},
            "standing": {"M": {}},
        }
        self.client.put_item(TableName="votes", Item=row)
        return row

    def told(self, endpoint: str | None = None) -> str:
        outputs = {"clients": {"dynamodb": self}, "tables": {"votes": "votes"}}
        return billed.tell(FakeDeployment("dev", outputs, endpoint, {}))


@pytest.mark.parametrize("voter", billed.VOTERS)
def test_what_a_put_takes_is_told_and_the_row_stays_as_it_is(voter: str) -> None:
    aws = Priced()
    row = aws.voted(voter)
    assert aws.told() == "billed: a vote put by PartiQL took 1 write units, as a put of it does: what ADR 0004 assumed"
    assert list(aws.table.items.values()) == [row]
    assert aws.asked <= 2


def test_another_price_is_told_as_such() -> None:
    aws = Priced(2.0)
    aws.voted(reserved.VOTER)
    assert "took 2 write units, where ADR 0004 assumed the 1 of a put" in aws.told()


def test_where_the_probe_has_no_vote_none_is_made() -> None:
    aws = Priced()
    assert aws.told() == "billed: not known (the probe has no vote yet)"
    assert (aws.table.items, aws.asked) == ({}, 2)


def test_the_emulator_is_not_asked() -> None:
    aws = Priced()
    assert aws.told("http://here") == "billed: not known here, where the emulator's figure is none"
    assert aws.asked == 0


def test_what_keeps_it_from_being_known_is_told() -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "BatchExecuteStatement")
    assert "not known (AccessDeniedException): `make account ENV=dev` once more" in Priced(fails=denied).told()
    lost = EndpointConnectionError(endpoint_url="https://aws")
    assert Priced(fails=lost).told() == "billed: not known (EndpointConnectionError)"
    silent = Priced(None)
    silent.voted(reserved.VOTER)
    assert silent.told() == "billed: not known (AWS said nothing of it)"


@pytest.mark.parametrize(("code", "advice"), [("AccessDenied", True), ("ThrottlingError", False)])
def test_a_statement_that_fails_is_told(code: str, advice: bool) -> None:
    aws = Priced()
    answer = {"Responses": [{"Error": {"Code": code, "Message": ""}}]}
    aws.client = SimpleNamespace(batch_execute_statement=lambda **_: answer)
    assert (f"not known ({code})" in aws.told(), "make account" in aws.told()) == (True, advice)


@pytest.mark.parametrize("voter", [*billed.VOTERS, "ann", None])
def test_the_apply_role_puts_the_probes_vote_and_no_other(voter: str | None) -> None:
    iam = authority("dev")
    table = f"arn:aws:dynamodb:us-east-1:{iam.account}:table/sluice-dev-votes-votes"
    context = {} if voter is None else {"dynamodb_LeadingKeys": voter}
    allowed = iam.may("sluice-dev-apply", "dynamodb:PartiQLUpdate", table, **context)
    assert allowed is (voter in billed.VOTERS)
    assert not iam.may("sluice-dev-plan", "dynamodb:PartiQLUpdate", table, **context)
    assert not iam.may("sluice-dev-apply", "dynamodb:PartiQLInsert", table, **context)
