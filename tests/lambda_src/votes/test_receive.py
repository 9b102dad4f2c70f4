"""receive, as a client sees it: what is accepted is on the queue, once, in order and stamped."""

import base64
import json
from typing import Any

import pytest

from tests.lambda_src.stack import NOW_US, Stack, ballot, metrics, stamped
from tests.support.witnessing import witnessing
from votes.rules import Rules

ASPECTS = ["story", "acting", "visuals", "music", "overall"]
MANY_ASPECTS = [f"aspect-{i}" for i in range(40)]


def queued(stack: Stack) -> list[dict[str, Any]]:
    """The ballots on the ingest queue."""
    bodies = [json.loads(record["body"]) for record in stack.take("ingest")]
    assert all(body["v"] == 1 and body["received_at"] == NOW_US for body in bodies)
    return [one for body in bodies for one in body["ballots"]]


def test_a_ballot_is_stamped_and_queued(stack: Stack) -> None:
    answer = stack.post(ballot())
    assert answer.status == 202
    (accepted,) = answer.body["accepted"]
    assert answer.body["rejected"] == []
    assert accepted["index"] == 0
    assert accepted["cast_at"] == "2026-11-21T08:00:00.000000Z"
    assert answer.headers["cache-control"] == "no-store"
    assert queued(stack) == [ballot(ballot_id=accepted["ballot_id"], cast_at=NOW_US)]


def test_a_client_s_own_stamp_is_kept_and_echoed(stack: Stack) -> None:
    given = stamped(cast_at="2026-11-21T09:59:58.1234567+02:00")
    answer = stack.post(given)
    assert answer.body["accepted"] == [
        {"index": 0, "ballot_id": "ballot-1", "cast_at": "2026-11-21T09:59:58.1234567+02:00"}
    ]
    assert queued(stack) == [given | {"cast_at": NOW_US - 2_000_000 + 123_456}]


def test_assigned_stamps_keep_the_order_of_the_request(stack: Stack) -> None:
    answer = stack.post({"ballots": [ballot(votes={"story": score}) for score in (1, 2, 3, 4, 5)]})
    found = queued(stack)
    assert [one["cast_at"] for one in found] == [NOW_US + place for place in range(5)]
    assert [one["votes"]["story"] for one in found] == [1, 2, 3, 4, 5]
    ids = [one["ballot_id"] for one in found]
    assert len(set(ids)) == 5
    assert [one["ballot_id"] for one in answer.body["accepted"]] == ids
    assert answer.body["accepted"][4]["cast_at"] == "2026-11-21T08:00:00.000004Z"
    rules = Rules(ASPECTS, 1, 5)
    assert all(rules.read(one, now_us=NOW_US, queued=True).ballot_id == one["ballot_id"] for one in found)  # type: ignore[union-attr]


def test_ids_differ_between_requests(stack: Stack) -> None:
    first, second = (stack.post(ballot()).body["accepted"][0]["ballot_id"] for _ in range(2))
    assert first != second


def test_one_bad_ballot_among_500_is_rejected_alone(stack: Stack) -> None:
    ballots = [stamped(ballot_id=f"b{i}") for i in range(500)]
    ballots[250]["votes"] = {"story": 6}
    answer = stack.post({"ballots": ballots})
    assert answer.status == 202
    assert [one["index"] for one in answer.body["accepted"]] == [i for i in range(500) if i != 250]
    (rejected,) = answer.body["rejected"]
    assert (rejected["index"], rejected["code"]) == (250, "bad-score")
    assert rejected["message"] == "votes.story must be a whole number from 1 to 5, or null to withdraw it; got 6"
    assert [one["ballot_id"] for one in queued(stack)] == [f"b{i}" for i in range(500) if i != 250]
    assert metrics(stack.logged()) == {"BallotsRejected": 1}


def test_a_request_takes_as_few_messages_as_it_fits(stack: Stack) -> None:
    stack.setenv(ASPECTS=json.dumps(MANY_ASPECTS))
    long = [
        stamped(voter_id="v" * 64, title_id="t" * 64, votes=dict.fromkeys(MANY_ASPECTS, 5), ballot_id=f"{i:064d}")
        for i in range(500)
    ]
    assert stack.post({"ballots": long[:100]}).status == 202
    assert len(queued(stack)) == 100
    assert stack.post({"ballots": long}).status == 202
    records = stack.take("ingest")
    assert len(records) == 3
    assert all(len(record["body"]) <= 200_000 for record in records)
    assert [one["ballot_id"] for record in records for one in json.loads(record["body"])["ballots"]] == [
        one["ballot_id"] for one in long
    ]


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_content_types_that_are_right(stack: Stack, content_type: str) -> None:
    assert stack.post(ballot(), headers={"content-type": content_type}).status == 202
    assert stack.post(ballot(), headers={"Content-Type": content_type}).status == 202


def test_a_base64_body_is_read(stack: Stack) -> None:
    body = base64.b64encode(json.dumps(ballot()).encode()).decode()
    assert stack.post(body, isBase64Encoded=True).status == 202


def test_a_repeated_request_changes_nothing_on_the_queue(stack: Stack) -> None:
    first, second = (stack.post(stamped()).body for _ in range(2))
    assert first == second
    assert queued(stack) == [stamped(cast_at=NOW_US - 60_000_000)] * 2


def test_without_a_token_nobody_is_trusted(stack: Stack) -> None:
    stack.setenv(MOST_BALLOTS='{"voter": 2, "trusted": 500}', TRUSTED_SCOPE="votes/batch")
    answer = stack.post({"ballots": [stamped(), stamped(ballot_id="b2"), stamped(ballot_id="b3")]})
    assert (answer.status, answer.body["code"]) == (413, "too-many-ballots")
    assert answer.body["message"] == "3 ballots in one request: send at most 2"


def test_every_accepted_ballot_is_a_witness_by_its_hashed_id(stack: Stack) -> None:
    stack.post({"ballots": [stamped(), ballot(votes={})]})
    (line,) = [line for line in stack.logged() if line.get("witness")]
    assert (line["witness"], line["outcome"], line["level"]) == ("accepted", "accepted", "INFO")
    assert line["hashes"] == witnessing().hashes(["ballot-1"])
    stack.setenv(WITNESS_SHARE="1024")
    for place in range(20):
        stack.post({"ballots": [stamped(ballot_id=f"{place}-{i}") for i in range(500)]})
    chosen = sum(len(line.get("hashes", ())) for line in stack.logged())
    assert 2 <= chosen <= 25  # of 10,000


class TestToken:
    """VOTER_FROM=token: the voter is who the token says."""

    @pytest.fixture(autouse=True)
    def _deploy(self, stack: Stack) -> None:
        stack.setenv(VOTER_FROM="token", TRUSTED_SCOPE="votes/batch")

    @staticmethod
    def context(claims: dict[str, Any], scopes: list[str] | None = None) -> dict[str, Any]:
        http = {"method": "POST", "path": "/v1/ballots"}
        return {"http": http, "authorizer": {"jwt": {"claims": claims, "scopes": scopes}}}

    def voter(self, stack: Stack, body: Any, claims: dict[str, Any], scopes: list[str] | None = None) -> str:
        assert stack.post(body, requestContext=self.context(claims, scopes)).status == 202
        (found,) = queued(stack)
        return str(found["voter_id"])

    def test_the_body_s_voter_does_not_count(self, stack: Stack) -> None:
        who = {"iss": "https://issuer.example", "sub": "alice"}
        mine = self.voter(stack, stamped(voter_id="bob"), who)
        without = stamped()
        del without["voter_id"]
        assert mine == self.voter(stack, without, who) == self.voter(stack, stamped(voter_id=5), who)
        assert mine == "ylC0vCMqrWEk_8-XCCHWCPpELCB03JtK_IncGhWFP_8"
        assert mine != self.voter(stack, stamped(), who | {"sub": "bob"})
        assert mine != self.voter(stack, stamped(), who | {"iss": "https://other.example"})

    def test_a_trusted_sender_batches_for_others(self, stack: Stack) -> None:
        who = {"iss": "https://issuer.example", "sub": "sender"}
        assert self.voter(stack, stamped(voter_id="bob"), who, ["votes/batch"]) == "bob"
        assert self.voter(stack, stamped(voter_id="bob"), who | {"scope": "openid votes/batch"}) == "bob"
        assert self.voter(stack, stamped(voter_id="bob"), who | {"scope": "openid votes/batches"}) != "bob"

    def test_a_voter_sends_few_and_a_trusted_sender_many(self, stack: Stack) -> None:
        stack.setenv(MOST_BALLOTS='{"voter": 2, "trusted": 5}')
        many = {"ballots": [stamped(ballot_id=f"b{number}") for number in range(6)]}
        for scopes, most in ((["votes"], 2), (["votes/batch"], 5)):
            context = self.context({"iss": "https://issuer.example", "sub": "alice"}, scopes)
            for number, status in ((most, 202), (most + 1, 413)):
                body = {"ballots": many["ballots"][:number]}
                assert stack.post(body, requestContext=context).status == status
        assert len(queued(stack)) == 2 + 5

    @pytest.mark.parametrize(
        "scopes",
        [
            {"scp": "openid votes/batch"},
            {"scp": ["openid", "votes/batch"]},
            {"scp": "[openid votes/batch]"},
            {"scope": ["openid", "votes/batch"]},
            {"scope": "[votes/batch]"},
            {"scope": "openid", "scp": "[votes/batch]"},
        ],
    )
    def test_a_scope_is_said_in_many_ways(self, stack: Stack, scopes: dict[str, Any]) -> None:
        """As issuers write it: Okta and Entra ID have `scp`; API Gateway writes a list as
        "[one other]".
        """
        who = {"iss": "https://issuer.example", "sub": "sender"}
        assert self.voter(stack, stamped(voter_id="bob"), who | scopes) == "bob"

    @pytest.mark.parametrize(
        "scopes",
        [
            {"scp": "openid,votes/batch"},
            {"scp": ["openid", 5, None, ["votes/batch"]]},
            {"scope": "[votes/batch"},
            {"scope": {"votes/batch": True}},
            {"roles": "votes/batch"},
        ],
    )
    def test_what_is_no_list_of_scopes_gives_no_right(self, stack: Stack, scopes: dict[str, Any]) -> None:
        who = {"iss": "https://issuer.example", "sub": "sender"}
        assert self.voter(stack, stamped(voter_id="bob"), who | scopes) != "bob"

    @pytest.mark.parametrize("claims", [{}, {"iss": "x"}, {"sub": "x"}, {"iss": "", "sub": "x"}])
    def test_without_claims_there_is_no_voter(self, stack: Stack, claims: dict[str, str]) -> None:
        assert stack.post(stamped(), requestContext=self.context(claims)).status == 401
        assert stack.post(stamped()).status == 401
        assert stack.take("ingest") == []


def test_no_identifier_and_no_body_is_in_the_log(stack: Stack) -> None:
    secret = "who-nobody-may-read"
    for body in (
        {
            "ballots": [
                stamped(voter_id=secret),
                stamped(voter_id=secret, votes={"story": 9}),
                stamped(voter_id=secret + "!"),
            ]
        },
        stamped(voter_id=secret, votes={}),
        {"ballots": [], secret: 1},
        f"{secret} is not JSON",
    ):
        stack.post(body)
    lines = stack.logged()
    assert len([line for line in lines if line.get("message") in {"received", "refused"}]) == 4
    assert secret not in json.dumps(lines)
    assert "ballot-1" not in json.dumps(lines)
