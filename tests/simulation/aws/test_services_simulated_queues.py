"""What only simulated queues do when they are told: refuse entries, deliver twice, forget, count,
tell who listens.
"""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from tests.simulation.aws.backends import START_US
from tests.simulation.aws.simulation import Json, Simulation, spoil
from tools.simulation.aws.queues import Queue

SECOND = 1_000_000


@pytest.fixture
def world() -> Simulation:
    return Simulation()


def bodies(queue: Queue) -> list[str]:
    return [message.body for message in queue.messages.values()]


def test_entries_of_a_send_refused_and_unheard(world: Simulation) -> None:
    url, queue = world.queue()
    world.meddle = spoil({1: "InternalError"}, {2: "ServiceUnavailable"})
    answer = world.send(url, "a", "b", "c")
    assert [done["Id"] for done in answer["Successful"]] == ["0"]
    assert [(failed["Id"], failed["Code"], failed["SenderFault"]) for failed in answer["Failed"]] == [
        ("1", "InternalError", False),
        ("2", "ServiceUnavailable", False),
    ]
    assert bodies(queue) == ["a", "c"]


def test_entries_of_other_batches_refused_and_unheard(world: Simulation) -> None:
    url, queue = world.queue()
    world.send(url, "a", "b", "c")
    handles = [message.handle for message in sorted(queue.receive(3, 30), key=lambda message: message.body)]
    world.meddle = spoil({0: "InternalError"}, {1: "InternalError"})
    entries: list[Json] = [{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate(handles)]
    answer = world.sqs.change_message_visibility_batch(
        QueueUrl=url, Entries=[{**entry, "VisibilityTimeout": 0} for entry in entries]
    )
    assert ([one["Id"] for one in answer["Failed"]], queue.depths()) == (["0", "1"], (2, 1, 0))
    answer = world.sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    assert ([one["Id"] for one in answer["Failed"]], bodies(queue)) == (["0", "1"], ["a"])


def test_a_message_that_is_no_xml_fails_alone(world: Simulation) -> None:
    url, queue = world.queue()
    (failed,) = world.send(url, "a", "b\x00")["Failed"]
    assert (failed["Id"], failed["SenderFault"], failed["Code"]) == ("1", True, "InvalidMessageContents")
    assert bodies(queue) == ["a"]


def test_a_standard_queue_is_in_no_order_and_may_miss_or_repeat(world: Simulation) -> None:
    url, queue = world.queue(VisibilityTimeout="0")
    world.send(url, *"abcdefghij")
    assert "".join(record["body"] for record in queue.take(10)) != "abcdefghij"
    queue.unseen = 0.5
    assert 0 < len(queue.take(10)) < 10
    queue.unseen, queue.again = 0, 1
    queue.take(10)
    assert sorted(bodies(queue)) == sorted("abcdefghij" * 2)
    assert len({message.id for message in queue.messages.values()}) == 10


def test_a_deleted_message_may_come_again(world: Simulation) -> None:
    url, queue = world.queue()
    world.send(url, "a")
    (message,) = queue.receive(1)
    assert message.handle
    queue.delete(message.handle)
    queue.duplicate(message)
    (record,) = queue.take(1)
    assert (record["messageId"], record["receiptHandle"] != message.handle) == (message.id, True)
    with pytest.raises(ValueError, match="FIFO"):
        world.queue("q.fifo")[1].duplicate(message)


def fifo(world: Simulation) -> tuple[str, Queue, Callable[[str, str], None]]:
    url, queue = world.queue("q.fifo")

    def send(body: str, group: str) -> None:
        world.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=body)

    return url, queue, send


def test_a_deduplication_id_is_forgotten_after_five_minutes(world: Simulation) -> None:
    _, queue, send = fifo(world)
    for wait, held in ((0, 1), (299, 1), (2, 2), (200, 2)):
        world.now += wait * SECOND
        send("a", "g")
        assert len(queue.messages) == held


def test_groups_that_may_be_taken(world: Simulation) -> None:
    _, queue, send = fifo(world)
    for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("c1", "c")):
        send(body, group)
    assert sorted(queue.ready()) == ["a", "b", "c"]
    assert [record["body"] for record in queue.take(1, 30, ["a"])] == ["a1"]
    assert sorted(queue.ready()) == ["b", "c"]
    assert sorted(record["body"] for record in queue.take(10, 30, {"a", "b"})) == ["b1"]


def test_records_are_as_lambda_gets_them(world: Simulation) -> None:
    _, queue, send = fifo(world)
    send("hello", "g")
    world.now += 5 * SECOND
    (record,) = queue.take(10, 30)
    attributes = record.pop("attributes")
    assert record == {
        "messageId": record["messageId"],
        "receiptHandle": record["receiptHandle"],
        "body": "hello",
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q.fifo",
        "awsRegion": "us-east-1",
    }
    assert attributes.pop("SenderId")
    assert attributes == {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": str(START_US // 1000),
        "ApproximateFirstReceiveTimestamp": str(START_US // 1000 + 5000),
        "MessageGroupId": "g",
        "MessageDeduplicationId": "hello",
        "SequenceNumber": attributes["SequenceNumber"],
    }


def test_messages_are_kept_for_so_long(world: Simulation) -> None:
    url, queue = world.queue(MessageRetentionPeriod="60")
    gone: list[str] = []
    world.cloud.sqs.on_delete(lambda of, message: gone.append(f"{of.name} {message.body} {message.gone}"))
    world.send(url, "a")
    world.now += 50 * SECOND
    world.send(url, "b")
    assert queue.oldest_us() == 50 * SECOND
    world.now += 11 * SECOND
    assert [record["body"] for record in queue.take(10)] == ["b"]
    assert gone == ["q a expired"]


def test_receives_counted_without_a_delivery_bring_a_message_to_the_dead_letters(world: Simulation) -> None:
    dead = world.cloud.sqs.create_queue("dead")
    policy = '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":5}'
    url, queue = world.queue(RedrivePolicy=policy)
    said: list[tuple[str, str, str]] = []
    world.cloud.sqs.on_send(lambda of, message: said.append(("came", of.name, message.id)))
    world.cloud.sqs.on_delete(lambda of, message: said.append((message.gone, of.name, message.id)))
    world.send(url, "a")
    (message,) = queue.messages.values()
    for _ in range(5):
        queue.count_receive(message)
    world.now += SECOND
    assert queue.take(10) == []
    (found,) = dead.messages.values()
    assert (found.id, found.body, found.sent_at) == (message.id, "a", START_US)  # its age goes on
    assert said == [("came", "q", message.id), ("came", "dead", message.id), ("dead", "q", message.id)]


def test_a_queue_that_was_replaced_knows_nothing(world: Simulation) -> None:
    url, queue, send = fifo(world)
    send("a", "g")
    (message,) = queue.receive(1, 30)
    assert [held.body for held in queue.replace()] == ["a"]
    assert queue.depths() == (0, 0, 0)
    with pytest.raises(ClientError, match="not a valid receipt handle"):
        world.sqs.delete_message(QueueUrl=url, ReceiptHandle=message.handle)
    send("a", "g")
    assert bodies(queue) == ["a"]


def test_a_message_is_delivered_once_more_once_and_not_with_each_receive(world: Simulation) -> None:
    """Copies of copies would grow by what is received until nothing ever ends."""
    _, queue = world.queue()
    queue.send("a")
    queue.again = 1.0
    for _ in range(20):
        queue.receive(10, 0)
    assert bodies(queue) == ["a", "a"]
