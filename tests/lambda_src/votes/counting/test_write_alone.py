"""The write function: what is wrong with one message fails that message alone."""

import pytest
from botocore.exceptions import ClientError

from tests.lambda_src.votes.counting.writing import VOTERS, Rig, ballot, message


def test_a_vote_nobody_can_read_fails_the_messages_that_are_about_it_alone(rig: Rig) -> None:
    assert rig.handle(message(1)) == []
    rows = rig.tables.cloud.dynamodb.tables["votes"].items
    rows[VOTERS[1], "up"] = {"voter_id": {"S": VOTERS[1]}, "title_id": {"S": "up"}, "n": {"N": "1"}, "v": {"N": "1"}}
    again, good = ballot(1, 5), ballot(1, 6, "other")
    assert rig.handle(message(1, good), message(1, again), message(1, ballot(1, 7, "third"))) == [1]
    assert [title for _, title in rig.votes()] == ["other", "third", "up"]
    (failed,) = [line for line in rig.log.lines if line.get("message") == "failed"]
    assert (failed["kind"], failed["message_ids"]) == ("UnreadableVote", ["id-1"])
    assert failed["detail"] == "a vote's row is not whole: KeyError"


def test_trouble_of_the_whole_shard_is_not_tried_message_by_message(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def throttled(*given: object) -> None:
        asked.append(given)
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "injected"}}, "GetItem")

    monkeypatch.setattr(rig.journal, "head", throttled)
    assert rig.handle(message(1), message(1, ballot(1, 2))) == [0, 1]
    assert len(asked) == 1


def test_a_message_whose_wrong_row_cannot_be_put_away_fails_alone(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "injected"}}, "PutObject")

    monkeypatch.setattr(rig.shelf, "put", fail)
    wrong = message(1, ballot(1), ballot(2))  # the second is of another shard
    assert rig.handle(message(1, ballot(1, 5)), wrong, message(1, ballot(1, 6, "other"))) == [1]
    assert len(rig.votes()) == 2
