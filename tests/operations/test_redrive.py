"""Dead letters go back once, in their group, and are deleted only after they were sent."""

import json
from typing import Any

import pytest

from tests.operations.screens import assert_screen
from tools.operations import dead_letters, redrive
from tools.operations.redrive_causes import Cause
from tools.operations.votes.message_summary import summary_of


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

    def receive_message(self, **request: Any) -> Any:
        found = [name for name in self.dead if name not in self.hidden][: request["MaxNumberOfMessages"]]
        self.hidden.update(found)
        group = {"SentTimestamp": "1795248000000"} | (
            {"MessageGroupId": "3", "MessageDeduplicationId": "old"} if self.fifo else {}
        )
        return {
            "Messages": [
                {"MessageId": name, "Body": self.dead[name], "ReceiptHandle": name, "Attributes": group}
                for name in found
            ]
        }

    def send_message(self, **request: Any) -> Any:
        self._called("send")
        self.sent.append(request)
        return {"MessageId": f"new-{len(self.sent)}"}

    def delete_message(self, **request: Any) -> Any:
        self._called("delete")
        del self.dead[request["ReceiptHandle"]]

    def change_message_visibility_batch(self, **request: Any) -> Any:
        for entry in request["Entries"]:
            assert entry["VisibilityTimeout"] == 0
            self.hidden.discard(entry["ReceiptHandle"])


def _move(queues: Any, **more: Any) -> int:
    return redrive.move(queues, "dlq.fifo", "queue.fifo" if queues.fifo else "queue", **more)


def test_a_message_keeps_its_group_and_gets_its_own_deduplication_id() -> None:
    queues = Queues(["a", "b"])
    assert _move(queues) == 2
    assert queues.dead == {}
    assert [sent["MessageBody"] for sent in queues.sent] == ["a", "b"]
    assert {sent["MessageGroupId"] for sent in queues.sent} == {"3"}
    ids = {sent["MessageDeduplicationId"] for sent in queues.sent}
    assert len(ids) == 2
    assert "old" not in ids
    assert queues.calls == ["send", "delete"] * 2


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

    assert _move(queues, most=21, rate=10.0, clock=lambda: now[0], sleep=sleep) == 21
    assert len(queues.dead) == 9
    assert now[0] == pytest.approx(2.0)


def test_reported_when_it_is_on_the_queue_and_before_it_is_deleted() -> None:
    queues = Queues(["a"])
    queues.breaks = "delete"
    moved: list[tuple[str, str]] = []
    with pytest.raises(ConnectionError):
        _move(queues, on_moved=lambda message, new_id: moved.append((message["MessageId"], new_id)))
    assert moved == [("id-0", "new-1")]


BODIES = [
    json.dumps({"v": 1, "shard": 3, "shards": 4, "ballots": [["v1", "up", {"story": 1}, "b", 1]] * 5}),
    "nonsense",
    json.dumps({"v": 9}),
    json.dumps({"v": 1, "slot": 4}),
    json.dumps({"v": 1, "received_at": 1, "ballots": [{}, {}]}),
    json.dumps({"voter_id": "v1"}),
    "[]",
]


def test_looking_gives_everything_back() -> None:
    queues = Queues(BODIES * 4)
    seen = dead_letters.peek(queues, "dlq.fifo", summary_of)
    assert queues.hidden == set()
    assert len(queues.dead) == len(seen) == 28
    found = dict(letter.summary for letter in seen)
    assert list(found)[:2] == ["ballots to count", "not JSON"]
    assert "version 9" in list(found)[2]
    assert list(found)[3:] == ["tick", "ballots as received", "ballot put on the queue by hand", "JSON, but no message"]
    assert list(found.values()) == [5, 0, 0, 0, 2, 1, 0]


def test_a_look_that_breaks_off_gives_everything_back() -> None:
    queues = Queues(BODIES * 4)
    taken = queues.receive_message

    def receive(**request: Any) -> Any:
        if len(queues.hidden) >= 20:
            raise KeyboardInterrupt
        return taken(**request)

    queues.receive_message = receive  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        dead_letters.peek(queues, "dlq.fifo", summary_of)
    assert queues.hidden == set()


def test_a_look_is_bounded() -> None:
    assert len(dead_letters.peek(Queues(["x"] * 30), "dlq", summary_of, 12)) == 12


def test_dead_letters_stand_in_a_paragraph_for_each_reason() -> None:
    seen = dead_letters.peek(Queues([BODIES[0]] * 3 + ["nonsense"]), "dlq.fifo", summary_of)
    throttled = Cause("Throttled", "count", "write", "journal: not now", 1795248001000, 1795248009000)
    causes = {
        "id-0": throttled,
        "id-1": throttled._replace(first=1795248000000),
        "id-3": throttled._replace(kind="KeyError", detail=""),
    }
    assert_screen("dead_letters", dead_letters.by_reason(seen, causes, "ballots"))
