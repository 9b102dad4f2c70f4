"""`make erase`: all places, in two runs, broken off anywhere; it says what it found, and a further run finds nothing."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from devcloud.runs import LocalCloudError
from operations import erase
from operations.erase import Order
from tests.operations.operated import Operated
from tests.support.ballots import START_US, expected
from tests.support.counted import SHARDS
from votes import entry, messages
from votes.ballot import Ballot
from votes.messages import CountMessage
from votes.quarantine import Quarantine, line_of
from votes.shards import shard_of

HIM = "voter-him"
HER = next(f"voter-{n}" for n in range(99) if shard_of(f"voter-{n}", SHARDS) == shard_of(HIM, SHARDS))


def made(monkeypatch: pytest.MonkeyPatch) -> Operated:
    """He is everywhere: votes, journal, both dead-letter queues, quarantine; and so is she."""
    operated = Operated(monkeypatch)
    counted, sqs, queues = operated.counted, operated.place.client("sqs"), operated.place.outputs["queues"]
    counted.count(counted.ballot(voter, title, story=3) for voter in (HIM, HER) for title in ("t0", "t1"))
    counted.fold()
    counted.count(counted.ballot(voter, "t1", story=1, music=2) for voter in (HIM, HER))
    shelf = Quarantine(operated.place.client("s3"), "quarantine")
    for voter in (HIM, HER):
        ballot = Ballot(voter, "dead", {"story": 2}, "b", START_US)
        sqs.send_message(QueueUrl=queues["ingest"]["dead_letter_url"], MessageBody=messages.encode_ingest(START_US, [ballot]))
        body = messages.encode_count(CountMessage(shard_of(HIM, SHARDS), SHARDS, [ballot]))
        more = {"MessageGroupId": "0", "MessageDeduplicationId": voter}
        sqs.send_message(QueueUrl=queues["count"]["dead_letter_url"], MessageBody=body, **more)
        shelf.put("bad-votes", START_US, [line_of("process", "bad-votes", "7", START_US, ballot={"voter_id": voter, "votes": 7})])
    return operated


@pytest.fixture
def operated(monkeypatch: pytest.MonkeyPatch) -> Operated:
    return made(monkeypatch)


def run(operated: Operated, *, confirm: bool = True, voter: str = HIM) -> str:
    assert erase.run(operated.place, operated.console, Order(voter, confirm)) == 0
    return operated.said()


def everything(operated: Operated) -> dict[str, str]:
    """All that is kept anywhere, as text; journal entries decoded."""
    cloud = operated.counted.cloud
    found = {f"{table}/{n}": str(item) for table in ("votes", "tallies") for n, item in enumerate(operated.counted.items(table))}
    for item in operated.counted.items("journal"):
        said: Any = entry.decode(item["entry"]["B"]) if "entry" in item else item
        found[f"journal/{item['shard']['N']}/{item['n']['N']}"] = str(said)
    for name, queue in cloud.sqs.queues.items():
        found |= {f"{name}/{n}": message.body for n, message in queue.messages.items()}
    return found | {key: body.decode() for key, body in operated.objects("").items()}


def places_of(operated: Operated, voter: str) -> set[str]:
    return {where.split("/")[0] for where, text in everything(operated).items() if voter in text}


def is_right(operated: Operated) -> bool:
    operated.counted.fold()
    assert operated.counted.audit().differences == []
    others = [ballot for ballot in operated.counted.cast if ballot.voter_id != HIM]
    return operated.counted.tallied() == expected(others)[1]


ALL = {"votes", "journal", "ingest-dead", "count-dead.fifo", "quarantine"}


def test_two_runs_leave_nothing_anywhere(operated: Operated, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything(operated)
    assert places_of(operated, HIM) == places_of(operated, HER) == ALL
    said = run(operated, confirm=False)
    assert "votes: 2 that stand, 0 withdrawn" in said
    assert "`make erase VOTER=voter-him CONFIRM=yes` does it" in said
    assert everything(operated).keys() == before.keys()
    said = run(operated)
    assert "votes: 2 withdrawn" in said
    assert "Run it again in 21 minutes or later" in said
    assert places_of(operated, HIM) == {"votes"}
    assert is_right(operated)
    assert "0 rows removed" in run(operated)
    operated.counted.later()
    assert "2 rows removed" in run(operated)
    assert places_of(operated, HIM) == set()
    assert places_of(operated, HER) == ALL
    assert is_right(operated)
    assert run(operated) == run(operated, confirm=False)
    assert HIM not in capsys.readouterr().out  # the audit's lines
    lines = [json.loads(line) for body in operated.objects("audit/erase/").values() for line in body.splitlines()]
    assert [line["votes"] for line in lines if line.get("step") == "withdrawn"] == [2, 0, 0]
    assert [line["rows"] for line in lines if line.get("step") == "removed"] == [0, 0, 2]


@pytest.mark.parametrize("second", [False, True])
def test_broken_at_every_call_and_run_again(second: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def begun() -> Operated:
        operated = made(monkeypatch)
        if second:
            run(operated)
            operated.counted.later()
        return operated

    operated = begun()
    places = operated.counted.breaks.length(lambda: run(operated))
    assert places > 50
    for place in range(places):
        operated = begun()
        assert operated.counted.breaks.broken(place, partial(run, operated)), place
        operated.counted.later()  # what the dead one held comes back
        for _ in range(2):
            run(operated)
            operated.counted.later()
        run(operated)
        assert places_of(operated, HIM) == set(), place
        assert places_of(operated, HER) == ALL, place
        assert is_right(operated), place


def test_what_comes_in_meanwhile_is_withdrawn_too(operated: Operated) -> None:
    counted = operated.counted
    waits = operated._waits
    late = [counted.ballot(HIM, "t0", story=2), counted.ballot(HIM, "new", story=2)]

    def while_waiting(seconds: float) -> None:
        counted.count(late)
        late.clear()
        waits(seconds)

    pytest.MonkeyPatch().setattr("shared.clock.sleep", while_waiting)
    said = run(operated)
    assert said.count("1 withdrawn") == 1
    assert is_right(operated)


def test_a_fold_that_does_not_come_is_said(operated: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.clock.sleep", lambda seconds: operated.counted.later(60))
    said = run(operated)
    assert "the journal is not folded yet after 600 s" in said
    assert operated.ticks > 0
    operated.counted.fold()
    run(operated)
    assert places_of(operated, HIM) == {"votes"}


def test_what_it_refuses(operated: Operated) -> None:
    with pytest.raises(LocalCloudError, match="no voter's id"):
        run(operated, voter="a b")
    assert "nothing of this voter is left" in run(operated, voter="nobody")
    shard = shard_of(HIM, SHARDS)
    operated.counted.damage(shard, 1)
    with pytest.raises(LocalCloudError, match=f"shard {shard}, entry 1.*`make mend`"):
        run(operated)
