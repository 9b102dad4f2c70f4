"""The write function, event in and response out, on simulated tables."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared import clock
from tests.lambda_src.votes.counting.writing import SHARDS, VOTERS, Rig, ballot, message


def test_messages_of_one_shard_are_one_entry(rig: Rig) -> None:
    assert (
        rig.handle(message(1, ballot(1, 1)), message(2), message(1, ballot(1, 2, "other")), message(1, ballot(1, 3)))
        == []
    )
    assert rig.entries() == [(1, 1), (2, 1)]
    assert len(rig.votes()) == 3


def test_a_failing_shard_fails_all_its_messages_and_no_others(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.journal.create_head(1, SHARDS)
    rig.journal.append(1, 1, b"\x01junk", 1)
    assert rig.handle(message(1, ballot(1, 1)), message(2), message(1, ballot(1, 2)), message(3)) == [0, 2]
    assert rig.votes() == sorted([(VOTERS[2], "up"), (VOTERS[3], "up")])
    assert [hidden["ReceiptHandle"] for hidden in rig.sqs.hidden] == ["r-0", "r-2"]
    (failed,) = [line for line in rig.log.lines if line.get("message") == "failed"]
    assert (failed["service"], failed["queue"], failed["kind"], failed["shard"]) == (
        "votes-write",
        "count.fifo",
        "UnreadableEntry",
        1,
    )
    assert "shard 1, entry 1" in failed["detail"]
    assert '"ShardsStopped":[1.0]' in capsys.readouterr().out  # an alarm
    assert failed["message_ids"] == ["id-0", "id-2"]


def test_no_voter_is_named_in_the_log(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise KeyError(VOTERS[1])

    with monkeypatch.context() as broken:
        broken.setattr(rig.journal, "append", fail)
        assert rig.handle(message(1)) == [0]
    assert rig.handle(message(1), message(1, ballot(2))) == []
    out = rig.log.text
    assert "KeyError" in out
    assert not any(f'"{voter}"' in out or f"'{voter}'" in out for voter in VOTERS.values())


def test_a_message_for_another_number_of_shards_waits_for_a_person(rig: Rig) -> None:
    assert rig.handle(message(1, shards=8), message(2)) == [0]
    assert "made for 8 shards" in rig.log.text
    assert rig.shelf.lines == []


def test_tables_founded_with_another_number_of_shards(rig: Rig) -> None:
    rig.journal.create_head(0, 8)
    assert rig.handle(message(1), message(2)) == [0, 1]
    assert not rig.votes()


def test_ballots_of_another_shard_go_to_quarantine(rig: Rig) -> None:
    assert rig.handle(message(1, ballot(2, 7), ballot(1, 8))) == []
    (line,) = rig.shelf.lines
    assert (line["reason"], line["source"], line["received_at"]) == ("wrong-shard", "count", 1_795_000_000_123_000)
    assert line["ballot"] == list(ballot(2, 7))
    assert rig.votes() == [(VOTERS[1], "up")]
    outcomes = {line["outcome"]: len(line["hashes"]) for line in rig.log.lines if line.get("witness") == "settled"}
    assert outcomes == {"counted": 1, "quarantined": 1}


def test_rows_that_break_a_rule_go_to_quarantine_alone(rig: Rig) -> None:
    rows = [
        list(ballot(1, 1)),
        [VOTERS[1], "up", {"story": 99}, "b2", 2],
        [VOTERS[1], "x y", {"story": 1}, "b3", 3],
        7,
        list(ballot(1, 4, "other")),
    ]
    body = json.dumps({"v": 1, "shard": 1, "shards": SHARDS, "ballots": rows})
    assert rig.handle(body) == []
    assert sorted(line["reason"] for line in rig.shelf.lines) == ["bad-identifier", "bad-score", "not-an-object"]
    assert sorted(title for _, title in rig.votes()) == ["other", "up"]


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "{}", '{"v":1,"shard":9,"shards":4,"ballots":[]}', '{"v":"x"}'])
def test_what_is_no_message_goes_to_quarantine_whole(rig: Rig, body: str) -> None:
    assert rig.handle(body, message(1)) == []
    (line,) = rig.shelf.lines
    assert line["body"] == body
    assert len(rig.votes()) == 1


def test_a_quarantine_that_fails_fails_its_messages(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "injected"}}, "PutObject")

    monkeypatch.setattr(rig.shelf, "put", fail)
    assert rig.handle("nonsense", message(1, ballot(2)), message(3)) == [0, 1]


def test_a_message_of_a_later_release_waits(rig: Rig) -> None:
    assert rig.handle('{"v":2,"new":true}', message(1)) == [0]
    assert [line["message_ids"] for line in rig.log.lines if line.get("message") == "failed"] == [["id-0"]]
    assert rig.shelf.lines == []


def test_one_tick_a_slot_and_worker(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_us", lambda: 4_000_000 * 100)
    rig.handle(message(1))
    rig.handle(message(1, ballot(1, 2)))
    assert [(sent["MessageGroupId"], sent["MessageDeduplicationId"], sent["MessageBody"]) for sent in rig.sqs.sent] == [
        ("100", "100", '{"v":1,"slot":100}')
    ]
    monkeypatch.setattr(clock, "now_us", lambda: 4_000_000 * 101)
    rig.handle(message(1, ballot(1, 3)))
    assert len(rig.sqs.sent) == 2


def test_a_redelivery_with_nothing_to_do_still_ticks(rig: Rig) -> None:
    rig.handle(message(1))
    rig.write = rig.worker()
    rig.handle(message(1))
    assert len(rig.sqs.sent) == 2


def test_quarantine_alone_needs_no_tick(rig: Rig) -> None:
    rig.handle("nonsense")
    rig.handle(json.dumps({"v": 1, "shard": 1, "shards": SHARDS, "ballots": [7]}))
    assert rig.sqs.sent == []


def test_a_tick_that_cannot_be_sent_fails_the_batch(rig: Rig) -> None:
    rig.sqs.fails = True
    assert rig.handle(message(1), message(2)) == [0, 1]
    (failed,) = [line for line in rig.log.lines if line.get("message") == "failed" and line["queue"] == "count.fifo"]
    assert (failed["place"], failed["kind"], failed["message_ids"]) == ("tick", "NotSent", ["id-0", "id-1"])
    rig.sqs.fails = False
    assert rig.handle(message(1), message(2)) == []
    assert len(rig.sqs.sent) == 1
    assert len(rig.entries()) == 2


def test_the_rest_is_returned_before_time_is_out(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        left = 15_000

        def get_remaining_time_in_millis(self) -> int:
            return self.left

    context = Clock()
    put_votes = rig.journal.put_votes

    def slowly(n: int, changes: Any) -> None:
        put_votes(n, changes)
        context.left = 1_000

    monkeypatch.setattr(rig.journal, "put_votes", slowly)
    assert rig.handle(message(3), message(1), message(2), message(3, ballot(3, 2)), context=context) == [1, 2]
    assert rig.votes() == [(VOTERS[3], "up")]


def test_metrics_and_witnesses(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.handle(message(1, ballot(1, 2), ballot(1, 1), ballot(1, 2)))
    (metrics,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (metrics["BallotsCounted"], metrics["BallotsSuperseded"], metrics["EntriesAppended"]) == (
        [2.0],
        [1.0],
        [1.0],
    )
    assert {line["outcome"] for line in rig.log.lines if line.get("witness") == "settled"} == {"counted", "superseded"}


def test_an_empty_event(rig: Rig) -> None:
    assert rig.handle() == []
