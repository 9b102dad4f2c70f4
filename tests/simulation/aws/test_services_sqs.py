"""One contract for SQS: simulated, in moto, and on the emulator.

Where one of these is wrong, a comment says what AWS documents.
"""

import json
from typing import Any

import pytest

from tests.simulation.aws.backends import Backend, error_code, three_ways, without

sqs = three_ways("sqs")

Json = dict[str, Any]


def queue(sqs: Backend, fifo: bool = False, **attributes: str) -> str:
    """The URL of a new queue; visibility is a minute: whatever must come back in a test is received
    for a second.
    """
    given = {"VisibilityTimeout": "60", **({"FifoQueue": "true"} if fifo else {}), **attributes}
    url: str = sqs.client.create_queue(QueueName=sqs.name("q") + (".fifo" if fifo else ""), Attributes=given)[
        "QueueUrl"
    ]
    return url


def send(sqs: Backend, url: str, *bodies: str, group: str = "g") -> list[str]:
    """Send in one batch; the message ids. The body is the deduplication id."""
    fifo = url.endswith(".fifo")
    entries = [
        {"Id": str(n), "MessageBody": body}
        | ({"MessageGroupId": group, "MessageDeduplicationId": body} if fifo else {})
        for n, body in enumerate(bodies)
    ]
    answer = sqs.client.send_message_batch(QueueUrl=url, Entries=entries)
    assert not answer.get("Failed")
    return [sent["MessageId"] for sent in answer["Successful"]]


def receive(sqs: Backend, url: str, **more: Any) -> list[Json]:
    """Receive at most ten; none is received by a queue that has none."""
    found: list[Json] = sqs.client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], **more
    ).get("Messages", [])
    return found


def bodies(messages: list[Json]) -> list[str]:
    return [message["Body"] for message in messages]


def delete(sqs: Backend, url: str, message: Json) -> None:
    sqs.client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def dead_letters(sqs: Backend, fifo: bool = False) -> tuple[str, str]:
    """A queue whose messages die after two receives, and the queue of the dead."""
    dead = queue(sqs, fifo)
    arn = sqs.client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    return queue(sqs, fifo, RedrivePolicy=policy), dead


def test_what_is_sent_is_received(sqs: Backend) -> None:
    url = queue(sqs)
    assert receive(sqs, url) == []
    sent = sqs.client.send_message(
        QueueUrl=url, MessageBody="hello", MessageAttributes={"why": {"DataType": "String", "StringValue": "because"}}
    )
    (message,) = receive(sqs, url, MessageAttributeNames=["All"])
    assert (message["MessageId"], message["Body"], message["MD5OfBody"]) == (
        sent["MessageId"],
        "hello",
        sent["MD5OfMessageBody"],
    )
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert (
        abs(
            int(message["Attributes"]["ApproximateFirstReceiveTimestamp"]) - int(message["Attributes"]["SentTimestamp"])
        )
        < 5_000
    )
    assert message["MessageAttributes"]["why"]["StringValue"] == "because"


def test_a_message_in_flight_is_hidden_and_comes_back(sqs: Backend) -> None:
    url = queue(sqs, VisibilityTimeout="1")
    (sent,) = send(sqs, url, "a")
    (first,) = receive(sqs, url)
    sqs.wait(1.1)
    (second,) = receive(sqs, url, VisibilityTimeout=60)
    assert (second["MessageId"], second["Attributes"]["ApproximateReceiveCount"]) == (sent, "2")
    assert second["ReceiptHandle"] != first["ReceiptHandle"]
    assert receive(sqs, url) == []


# it refuses the handle of a message that is gone; AWS: deleting again succeeds
@without("sqs", "emulator")
def test_a_deleted_message_is_gone_and_may_be_deleted_again(sqs: Backend) -> None:
    url = queue(sqs)
    send(sqs, url, "a")
    (message,) = receive(sqs, url, VisibilityTimeout=0)
    delete(sqs, url, message)
    delete(sqs, url, message)
    assert receive(sqs, url) == []


@without(
    "sqs", "moto", "emulator"
)  # moto deletes it, the emulator refuses the handle; AWS: the request succeeds, and nothing is deleted
def test_an_old_handle_deletes_nothing(sqs: Backend) -> None:
    url = queue(sqs)
    send(sqs, url, "a")
    (old,) = receive(sqs, url, VisibilityTimeout=0)
    assert len(receive(sqs, url, VisibilityTimeout=0)) == 1
    delete(sqs, url, old)
    assert len(receive(sqs, url, VisibilityTimeout=0)) == 1


@pytest.mark.parametrize("fifo", [False, True])
def test_visibility_is_changed(sqs: Backend, fifo: bool) -> None:
    url = queue(sqs, fifo, VisibilityTimeout="60")
    send(sqs, url, "a", "b")
    taken = receive(sqs, url)
    entries = [
        {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 60 * n}
        for n, message in enumerate(taken)
    ]
    answer = sqs.client.change_message_visibility_batch(QueueUrl=url, Entries=entries)
    assert [done["Id"] for done in answer["Successful"]] == ["0", "1"]
    back = receive(sqs, url)
    # The group is locked by b, which is still in flight.
    assert bodies(back) == [] if fifo else [taken[0]["Body"]]
    sqs.client.change_message_visibility(QueueUrl=url, ReceiptHandle=taken[1]["ReceiptHandle"], VisibilityTimeout=0)
    assert bodies(receive(sqs, url)) == (["a", "b"] if fifo else [taken[1]["Body"]])


def test_the_visibility_of_what_is_not_in_flight_is_not_changed(sqs: Backend) -> None:
    url = queue(sqs)
    send(sqs, url, "a")
    (message,) = receive(sqs, url)
    delete(sqs, url, message)
    handle = message["ReceiptHandle"]
    assert error_code(sqs.client.change_message_visibility, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=5)
    entry = {"Id": "x", "ReceiptHandle": handle, "VisibilityTimeout": 5}
    (failed,) = sqs.client.change_message_visibility_batch(QueueUrl=url, Entries=[entry])["Failed"]
    assert (failed["Id"], failed["SenderFault"]) == ("x", True)


def test_a_batch_that_is_wrong_as_a_whole_is_refused(sqs: Backend) -> None:
    url, send_batch = queue(sqs), sqs.client.send_message_batch
    entries = [{"Id": str(n), "MessageBody": "x"} for n in range(11)]
    assert error_code(send_batch, QueueUrl=url, Entries=entries) == "TooManyEntriesInBatchRequest"
    assert error_code(send_batch, QueueUrl=url, Entries=[]) == "EmptyBatchRequest"
    assert error_code(send_batch, QueueUrl=url, Entries=[entries[0], entries[0]]) == "BatchEntryIdsNotDistinct"
    assert (
        error_code(send_batch, QueueUrl=url, Entries=[{"Id": "not good", "MessageBody": "x"}]) == "InvalidBatchEntryId"
    )
    large = [{"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2)]
    assert error_code(send_batch, QueueUrl=url, Entries=large) == "BatchRequestTooLong"
    assert receive(sqs, url) == []
    assert error_code(send_batch, QueueUrl=url + "-not", Entries=entries[:1]).endswith(
        ("NonExistentQueue", "QueueDoesNotExist")
    )


@without("sqs", "moto")  # it takes them
def test_characters_that_are_no_xml_are_refused(sqs: Backend) -> None:
    url = queue(sqs)
    assert error_code(sqs.client.send_message, QueueUrl=url, MessageBody="a\x00b") == "InvalidMessageContents"


def test_deleting_in_a_batch(sqs: Backend) -> None:
    url = queue(sqs)
    send(sqs, url, "a", "b")
    entries = [
        {"Id": message["Body"], "ReceiptHandle": message["ReceiptHandle"]}
        for message in receive(sqs, url, VisibilityTimeout=1)
    ]
    answer = sqs.client.delete_message_batch(QueueUrl=url, Entries=entries)
    assert {done["Id"] for done in answer["Successful"]} == {"a", "b"}
    sqs.wait(1.1)
    assert receive(sqs, url) == []


def test_a_group_is_in_order_and_locked_while_in_flight(sqs: Backend) -> None:
    url = queue(sqs, fifo=True)
    send(sqs, url, "a1", "a2", group="a")
    (first,) = sqs.client.receive_message(QueueUrl=url, VisibilityTimeout=60)["Messages"]
    assert first["Body"] == "a1"
    assert receive(sqs, url) == []
    send(sqs, url, "b1", "b2", group="b")
    assert bodies(receive(sqs, url)) == ["b1", "b2"]
    delete(sqs, url, first)
    assert bodies(receive(sqs, url, VisibilityTimeout=1)) == ["a2"]
    sqs.wait(1.1)
    (again,) = receive(sqs, url)
    assert (again["Attributes"]["MessageGroupId"], again["Attributes"]["MessageDeduplicationId"]) == ("a", "a2")


@without("sqs", "moto")  # it forgets the id with the message
def test_a_deduplication_id_is_remembered_after_its_message_is_gone(sqs: Backend) -> None:
    url = queue(sqs, fifo=True)
    send(sqs, url, "a", "a")
    send(sqs, url, "a")
    (message,) = receive(sqs, url)
    delete(sqs, url, message)
    send(sqs, url, "a", "b")
    assert bodies(receive(sqs, url)) == ["b"]


@without("sqs", "moto")  # it knows no DeduplicationScope
def test_a_deduplication_id_is_the_groups_own_where_the_queue_says_so(sqs: Backend) -> None:
    url = queue(sqs, fifo=True, DeduplicationScope="messageGroup", FifoThroughputLimit="perMessageGroupId")
    send(sqs, url, "x", group="a")
    send(sqs, url, "x", group="b")
    send(sqs, url, "x", group="a")
    assert sorted(message["Attributes"]["MessageGroupId"] for message in receive(sqs, url)) == ["a", "b"]


def test_a_fifo_queue_needs_a_group_and_an_identity(sqs: Backend) -> None:
    url = queue(sqs, fifo=True)
    assert (
        error_code(sqs.client.send_message, QueueUrl=url, MessageBody="x", MessageDeduplicationId="x")
        == "MissingParameter"
    )
    assert (
        error_code(sqs.client.send_message, QueueUrl=url, MessageBody="x", MessageGroupId="x")
        == "InvalidParameterValue"
    )


@without(
    "sqs", "moto", "emulator"
)  # both delete the message; AWS: a FIFO queue refuses a handle whose visibility has run out
def test_an_expired_handle_of_a_fifo_queue_is_refused(sqs: Backend) -> None:
    url = queue(sqs, fifo=True)
    send(sqs, url, "a")
    (message,) = receive(sqs, url, VisibilityTimeout=1)
    sqs.wait(1.1)
    assert error_code(delete, sqs=sqs, url=url, message=message) == "InvalidParameterValue"
    assert bodies(receive(sqs, url)) == ["a"]


@pytest.mark.parametrize("fifo", [False, True])
def test_what_was_received_too_often_goes_to_the_dead_letters(sqs: Backend, fifo: bool) -> None:
    url, dead = dead_letters(sqs, fifo)
    (sent,) = send(sqs, url, "a")
    for count in ("1", "2"):
        (message,) = receive(sqs, url, VisibilityTimeout=0)
        assert message["Attributes"]["ApproximateReceiveCount"] == count
    assert receive(sqs, url) == []
    (message,) = receive(sqs, dead)
    assert (message["MessageId"], message["Body"], message["Attributes"].get("MessageGroupId")) == (
        sent,
        "a",
        "g" if fifo else None,
    )


def test_the_next_of_a_group_comes_when_the_first_is_dead(sqs: Backend) -> None:
    url, dead = dead_letters(sqs, fifo=True)
    send(sqs, url, "a", "b")
    for _ in range(2):
        (message,) = sqs.client.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
        assert message["Body"] == "a"
    assert bodies(receive(sqs, url)) == ["b"]
    assert bodies(receive(sqs, dead)) == ["a"]


def test_depths_and_delays(sqs: Backend) -> None:
    url = queue(sqs)
    send(sqs, url, "a", "b")
    sqs.client.receive_message(QueueUrl=url, VisibilityTimeout=60)
    sqs.client.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=2)
    names = [f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed")]
    found = sqs.client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    assert [found[name] for name in names] == ["1", "1", "1"]
    sqs.wait(2.1)
    assert "later" in bodies(receive(sqs, url))


def test_a_fifo_queues_delay_is_its_own(sqs: Backend) -> None:
    url = queue(sqs, fifo=True, DelaySeconds="2")
    send(sqs, url, "a")
    assert receive(sqs, url) == []
    sqs.wait(2.1)
    assert bodies(receive(sqs, url)) == ["a"]
    one = {"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "x"}
    assert error_code(sqs.client.send_message, DelaySeconds=1, **one) == "InvalidParameterValue"


def test_a_purge_leaves_nothing(sqs: Backend) -> None:
    url = queue(sqs)
    send(sqs, url, "a", "b")
    sqs.client.purge_queue(QueueUrl=url)
    assert receive(sqs, url) == []
