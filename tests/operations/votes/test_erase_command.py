"""`make erase`: everywhere, in two runs, broken off at any call.

It says what it found, and a further run finds nothing.
"""

from __future__ import annotations

import json
from functools import partial
from itertools import chain, product
from typing import Any

import pytest

from shared.quarantine import Quarantine, line_of
from tests.operations.operated import Operated
from tests.support.counted import SHARDS
from tools.common.errors import CommandError
from tools.operations.votes import erase
from tools.operations.votes.erase import Options
from tools.simulation.votes.ballots import START_US, expected
from votes import entry, messages
from votes.ballot import Ballot
from votes.messages import CountMessage
from votes.shards import shard_of

VOTER = "voter-erased"
OTHER = next(f"voter-{n}" for n in range(99) if shard_of(f"voter-{n}", SHARDS) == shard_of(VOTER, SHARDS))


def made(monkeypatch: pytest.MonkeyPatch) -> Operated:
    """The voter is everywhere (votes, journal, dead letters, quarantine), and so is another."""
    operated = Operated(monkeypatch)
    counted, sqs, queues = operated.counted, operated.deployment.client("sqs"), operated.deployment.outputs["queues"]
    counted.count(counted.ballot(voter, title, story=3) for voter, title in product((VOTER, OTHER), ("t0", "t1")))
    counted.fold()
    counted.count(counted.ballot(voter, "t1", story=1, music=2) for voter in (VOTER, OTHER))
    quarantine = Quarantine(operated.deployment.client("s3"), "quarantine")
    for voter in (VOTER, OTHER):
        ballot = Ballot(voter, "dead", {"story": 2}, "b", START_US)
        sqs.send_message(
            QueueUrl=queues["ingest"]["dead_letter_url"], MessageBody=messages.encode_ingest(START_US, [ballot])
        )
        body = messages.encode_count(CountMessage(shard_of(VOTER, SHARDS), SHARDS, [ballot]))
        more = {"MessageGroupId": "0", "MessageDeduplicationId": voter}
        sqs.send_message(QueueUrl=queues["count"]["dead_letter_url"], MessageBody=body, **more)
        quarantine.put(
            "bad-votes",
            START_US,
            [line_of("process", "bad-votes", "7", START_US, ballot={"voter_id": voter, "votes": 7})],
        )
    return operated


@pytest.fixture
def operated(monkeypatch: pytest.MonkeyPatch) -> Operated:
    return made(monkeypatch)


def run(operated: Operated, *, confirm: bool = True, voter: str = VOTER) -> str:
    assert erase.run(operated.deployment, operated.console, Options(voter, confirm)) == 0
    return operated.printed()


def everything(operated: Operated) -> dict[str, str]:
    """All that is kept anywhere, as text; journal entries decoded."""
    cloud = operated.counted.cloud
    found: dict[str, str] = {}
    for table in ("votes", "tallies"):
        found |= {f"{table}/{n}": str(item) for n, item in enumerate(operated.counted.items(table))}
    for item in operated.counted.items("journal"):
        content: Any = entry.decode(item["entry"]["B"]) if "entry" in item else item
        found[f"journal/{item['shard']['N']}/{item['n']['N']}"] = str(content)
    for name, queue in cloud.sqs.queues.items():
        found |= {f"{name}/{n}": message.body for n, message in queue.messages.items()}
    return found | {key: body.decode() for key, body in operated.objects("").items()}


def stores_of(operated: Operated, voter: str) -> set[str]:
    return {where.split("/")[0] for where, text in everything(operated).items() if voter in text}


def is_right(operated: Operated) -> bool:
    operated.counted.fold()
    assert operated.counted.audit().differences == []
    others = [ballot for ballot in operated.counted.cast if ballot.voter_id != VOTER]
    return operated.counted.tallied() == expected(others)[1]


ALL = {"votes", "journal", "ingest-dead", "count-dead.fifo", "quarantine"}


def test_two_runs_leave_nothing_anywhere(operated: Operated, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything(operated)
    assert stores_of(operated, VOTER) == stores_of(operated, OTHER) == ALL
    printed = run(operated, confirm=False)
    assert "votes: 2 that stand, 0 withdrawn" in printed
    assert "`make erase VOTER=voter-erased CONFIRM=yes` does it" in printed
    assert everything(operated).keys() == before.keys()
    printed = run(operated)
    assert "votes: 2 withdrawn" in printed
    assert "Run it again in 21 minutes or later" in printed
    assert stores_of(operated, VOTER) == {"votes"}
    assert is_right(operated)
    assert "0 rows removed" in run(operated)
    operated.counted.later()
    assert "2 rows removed" in run(operated)
    assert stores_of(operated, VOTER) == set()
    assert stores_of(operated, OTHER) == ALL
    assert is_right(operated)
    assert run(operated) == run(operated, confirm=False)
    assert VOTER not in capsys.readouterr().out  # the audit's lines
    audits = operated.objects("audit/erase/").values()
    lines = list(map(json.loads, chain.from_iterable(map(bytes.splitlines, audits))))
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
    calls = operated.counted.breaks.length(lambda: run(operated))
    assert calls > 50
    for call in range(calls):
        operated = begun()
        assert operated.counted.breaks.broken(call, partial(run, operated)), call
        operated.counted.later()  # what the dead one held comes back
        for _ in range(2):
            run(operated)
            operated.counted.later()
        run(operated)
        assert stores_of(operated, VOTER) == set(), call
        assert stores_of(operated, OTHER) == ALL, call
        assert is_right(operated), call


def test_what_comes_in_meanwhile_is_withdrawn_too(operated: Operated) -> None:
    counted = operated.counted
    waits = operated._waits
    late = [counted.ballot(VOTER, "t0", story=2), counted.ballot(VOTER, "new", story=2)]

    def while_waiting(seconds: float) -> None:
        counted.count(late)
        late.clear()
        waits(seconds)

    pytest.MonkeyPatch().setattr("shared.clock.sleep", while_waiting)
    printed = run(operated)
    assert printed.count("1 withdrawn") == 1
    assert is_right(operated)


def test_a_fold_that_does_not_come_is_said(operated: Operated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.clock.sleep", lambda seconds: operated.counted.later(60))
    printed = run(operated)
    assert "the journal is not folded yet after 600 s" in printed
    assert operated.ticks > 0
    operated.counted.fold()
    run(operated)
    assert stores_of(operated, VOTER) == {"votes"}


def test_what_it_refuses(operated: Operated) -> None:
    with pytest.raises(CommandError, match="no voter's id"):
        run(operated, voter="a b")
    assert "nothing of this voter is left" in run(operated, voter="nobody")
    shard = shard_of(VOTER, SHARDS)
    operated.counted.damage(shard, 1)
    with pytest.raises(CommandError, match=f"shard {shard}, entry 1.*`make mend`"):
        run(operated)
