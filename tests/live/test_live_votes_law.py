"""The votes' law of the live page: a ballot that is taken from a queue is missing, by its id."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.live.places import message, place, queues
from tools.live.law import BROKEN, HOLDS, Law
from tools.live.local.messages import Held
from tools.live.votes.ballots import Ballots, ids_in
from tools.live.votes.cost import plain
from votes.entry import encode
from votes.standing import AspectVote, Change

KEY = b"k" * 32
OUTPUTS = {
    "settings": {"witness_share": 1, "shards": 1},
    "tables": {"keys": "keys", "journal": "journal", "votes": "votes"},
    "queues": {},
    "functions": {},
}


class Tables:
    """A DynamoDB client that knows the key, and one shard's entries."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.has_key, self.is_out = True, False

    def get_item(self, **_: Any) -> dict[str, Any]:
        if self.is_out:
            raise EndpointConnectionError(endpoint_url="keys")
        return {"Item": {"key": {"B": KEY}}} if self.has_key else {}

    def put_item(self, **_: Any) -> None:
        self.has_key = True

    def query(self, **asked: Any) -> dict[str, Any]:
        first, last = (int(asked["ExpressionAttributeValues"][name]["N"]) for name in (":first", ":last"))
        rows = [
            {"shard": {"N": "0"}, "n": {"N": str(n)}, "v": {"N": "1"}, "entry": {"B": body}, "appended_at": {"N": "1"}}
            for n, body in enumerate(self.entries, 1)
            if first <= n <= last
        ]
        return {"Items": rows}

    def count(self, *ballot_ids: str) -> None:
        """Append an entry in which these ballots stand."""
        changes = [Change(f"voter-{one}", "title", None, {"story": AspectVote(5, 1_000, one)}) for one in ballot_ids]
        self.entries.append(encode(changes))


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def ballots(tables: Tables) -> Ballots:
    return Ballots(place("votes", OUTPUTS, {"dynamodb": tables}))


def ingest(*ballot_ids: str) -> str:
    return json.dumps({"v": 1, "received_at": 1, "ballots": [{"ballot_id": one} for one in ballot_ids]})


def count(*ballot_ids: str) -> str:
    rows = [["voter", "title", {"story": 5}, one, 1_000] for one in ballot_ids]
    return json.dumps({"v": 1, "shard": 0, "shards": 1, "ballots": rows})


def settled(ballots: Ballots, outcome: str, ballot_id: str) -> None:
    """A line of process or write."""
    ballots.hear({"witness": "settled", "outcome": outcome, "hashes": [ballots.became(ballot_id).hash]})


def state(ballots: Ballots, held: dict[str, Held]) -> dict[str, Any]:
    """The law, of whoever is missing at all."""
    ballots.read_journal()
    return Law(0.0).judge(ballots.balance(held))


def test_each_ballot_is_where_it_is(ballots: Ballots, tables: Tables) -> None:
    ballots.accepted(["a", "b", "c", "d", "e", "f"])
    tables.count("a")
    settled(ballots, "superseded", "b")
    settled(ballots, "quarantined", "c")
    held = queues(
        ingest=[message("1", ingest("d"))], ingest_dead=[message("2", ingest("e"))], count=[message("3", count("f"))],
        count_dead=[],
    )  # fmt: skip
    said = state(ballots, held)
    assert said["text"] == "accepted 6 = counted 1 + quarantined 1 + superseded 1 + queued 3"
    assert (said["state"], ballots.settled) == (HOLDS, 3)


def test_a_stolen_message_breaks_the_law_by_the_number_missing(ballots: Ballots, tables: Tables) -> None:
    ballots.accepted([f"b-{number}" for number in range(10)])
    tables.count("b-0", "b-1")
    whole = {"ingest": [message("1", ingest("b-2", "b-3")), message("2", ingest("b-4", "b-5", "b-6"))]}
    rest = {"count": [message("3", count("b-7", "b-8", "b-9"))], "ingest_dead": [], "count_dead": []}
    assert state(ballots, queues(**whole, **rest))["state"] == HOLDS
    stolen = state(ballots, queues(ingest=whole["ingest"][:1], **rest))
    assert (stolen["state"], stolen["missing"]) == (BROKEN, 3)
    assert stolen["text"] == "accepted 10 ≠ counted 2 + quarantined 0 + superseded 0 + queued 5, 3 missing"
    assert set(stolen["sample"]) == {ballots.became(one).hash for one in ("b-4", "b-5", "b-6")}


def test_a_ballot_in_two_places_is_one(ballots: Ballots, tables: Tables) -> None:
    """A function works on it: it is on the next queue, and not yet deleted from the last."""
    ballots.accepted(["a", "a"])
    both = queues(ingest=[message("1", ingest("a"))], count=[message("2", count("a"))], ingest_dead=[], count_dead=[])
    assert state(ballots, both)["text"].startswith("accepted 1 = counted 0")
    tables.count("a")
    settled(ballots, "superseded", "a")
    assert state(ballots, both)["text"] == "accepted 1 = counted 1 + quarantined 0 + superseded 0 + queued 0"


def test_what_nobody_accepted_is_told_and_breaks_nothing(ballots: Ballots, tables: Tables) -> None:
    tables.count("by-hand")
    ballots.read_journal()
    balance = ballots.balance(queues(ingest=[], ingest_dead=[], count=[], count_dead=[]))
    assert (balance.left.value, balance.unexpected) == (0, {ballots.became("by-hand").hash})
    ballots.accepted(["by-hand"])
    assert ballots.balance(queues(ingest=[], ingest_dead=[], count=[], count_dead=[])).unexpected == frozenset()


def test_the_key_is_there_before_the_first_ballot(tables: Tables) -> None:
    """One that is superseded before that leaves no line: it would be missing for good."""
    tables.has_key = False
    Ballots(place("votes", OUTPUTS, {"dynamodb": tables}))
    assert tables.has_key


def test_what_was_told_while_the_keys_do_not_answer_is_accepted_once_they_do(tables: Tables) -> None:
    tables.is_out = True
    ballots = Ballots(place("votes", OUTPUTS, {"dynamodb": tables}))
    with pytest.raises(EndpointConnectionError):
        ballots.accepted(["a"])
    tables.count("a")
    tables.is_out = False
    ballots.accepted([])
    ballots.read_journal()
    balance = ballots.balance(queues(ingest=[], ingest_dead=[], count=[], count_dead=[]))
    assert (balance.left.value, balance.unexpected) == (1, frozenset())


def test_queues_that_are_too_deep_judge_nothing(ballots: Ballots) -> None:
    ballots.accepted(["a"])
    deep = Held(5_000, 0, 0, None, None)
    balance = ballots.balance(dict.fromkeys(("ingest", "ingest-dead", "count", "count-dead"), deep))
    assert "too many to look at" in balance.not_judged
    assert not balance.missing


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"ballots": 3}', '{"ballots": [3, [1], {"ballot_id": 4}]}', "[" * 9_999]
)
def test_whatever_is_on_a_queue_holds_no_ballot(body: str) -> None:
    assert list(ids_in(body)) == []


def test_the_plain_design_is_the_recorded_one() -> None:
    found = plain()
    assert found is not None
    assert 1 < found.a_million < 100
