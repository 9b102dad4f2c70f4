"""Dead letters go back once, in their group, and are deleted only after they were sent."""

import json
from typing import Any

import pytest

from operations import redrive


class Queues:
    """Two queues as redrive sees them; `breaks` names the call that fails."""

    def __init__(self, bodies: Any, fifo: Any = True) -> None:
        self.dead = {f"id-{index}": body for index, body in enumerate(bodies)}
        self.hidden: set[str] = set()
        self.sent: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.breaks = ""
        self.fifo = fifo

    def _called(self, name: Any) -> Any:
        self.calls.append(name)
        if name == self.breaks:
            raise ConnectionError(name)

    def receive_message(self, **given: Any) -> Any:
        found = [name for name in self.dead if name not in self.hidden][: given["MaxNumberOfMessages"]]
        self.hidden.update(found)
        group = {"MessageGroupId": "3", "MessageDeduplicationId": "old"} if self.fifo else {}
        return {"Messages": [{"MessageId": name, "Body": self.dead[name], "ReceiptHandle": name, "Attributes": group} for name in found]}

    def send_message(self, **given: Any) -> Any:
        self._called("send")
        self.sent.append(given)
        return {"MessageId": f"new-{len(self.sent)}"}

    def delete_message(self, **given: Any) -> Any:
        self._called("delete")
        del self.dead[given["ReceiptHandle"]]

    def change_message_visibility(self, **given: Any) -> Any:
        assert given["VisibilityTimeout"] == 0
        self.hidden.discard(given["ReceiptHandle"])


def _move(queues: Any, **more: Any) -> Any:
    return redrive.move(queues, "dlq.fifo", "queue.fifo" if queues.fifo else "queue", **more)


def test_a_message_keeps_its_group_and_gets_its_own_deduplication_id() -> None:
    queues = Queues(["a", "b"])
    moved = _move(queues)
    assert moved.count == 2
    assert queues.dead == {}
    assert [sent["MessageBody"] for sent in queues.sent] == ["a", "b"]
    assert {sent["MessageGroupId"] for sent in queues.sent} == {"3"}
    ids = {sent["MessageDeduplicationId"] for sent in queues.sent}
    assert len(ids) == 2
    assert "old" not in ids
    assert queues.calls == ["send", "delete"] * 2
    assert [line["message"] for line in moved.audit] == ["new-1", "new-2"]


def test_a_standard_queue_takes_no_group() -> None:
    queues = Queues(["a"], fifo=False)
    _move(queues)
    assert set(queues.sent[0]) == {"QueueUrl", "MessageBody"}


def test_repeating_one_that_broke_off_sends_the_same_deduplication_id() -> None:
    queues = Queues(["a"])
    queues.breaks = "delete"
    with pytest.raises(ConnectionError):
        _move(queues)
    assert queues.dead, "still there: it was sent, not deleted"
    queues.breaks, queues.hidden = "", set()
    _move(queues)
    assert len({sent["MessageDeduplicationId"] for sent in queues.sent}) == 1


def test_a_message_that_could_not_be_sent_stays() -> None:
    queues = Queues(["a"])
    queues.breaks = "send"
    with pytest.raises(ConnectionError):
        _move(queues)
    assert queues.dead == {"id-0": "a"}


def test_bounded_in_number_and_rate() -> None:
    queues = Queues(["x"] * 30)
    now = [0.0]

    def sleep(seconds: Any) -> Any:
        now[0] += seconds

    moved = _move(queues, most=21, rate=10.0, clock=lambda: now[0], sleep=sleep)
    assert moved.count == 21
    assert len(queues.dead) == 9
    assert now[0] == pytest.approx(2.0)


def test_looking_gives_everything_back() -> None:
    bodies = [
        json.dumps({"v": 1, "shard": 3, "shards": 4, "ballots": []}),
        "nonsense",
        json.dumps({"v": 9}),
        json.dumps({"v": 1, "slot": 4}),
    ] * 4
    queues = Queues(bodies)
    seen = redrive.inspect(queues, "dlq.fifo")
    assert queues.hidden == set()
    assert len(queues.dead) == 16
    assert {what for what, _ in seen} == {redrive.kind(body) for body in bodies}
    assert seen[("ballots of shard 3", "3")] == 4
    assert any("version 9" in what for what, _ in seen)
