"""What SQS refuses for its length, letters or range; in a batch, each entry for itself."""

import pytest

from tests.simulation.aws.backends import Backend, error_code, three_ways, without
from tests.simulation.aws.rows import Json

sqs = three_ways("sqs")
as_documented = without("sqs", "moto", "emulator")  # they take most of it
GROUP, ONCE = {"MessageGroupId": "g"}, {"MessageDeduplicationId": "d"}
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
RIGHT: dict[str, Json] = {
    "128 characters": {"MessageGroupId": "g" * 128, "MessageDeduplicationId": "d" * 128},
    "punctuation": {"MessageGroupId": PUNCTUATION, "MessageDeduplicationId": PUNCTUATION},
}
WRONG: dict[str, Json] = {
    "a group of 129": {"MessageGroupId": "g" * 129, **ONCE},
    "a group with a space": {"MessageGroupId": "a b", **ONCE},
    "a group with a line's end": {"MessageGroupId": "a\n", **ONCE},
    "a group in Greek": {"MessageGroupId": "γ", **ONCE},
    "an identity of 129": {**GROUP, "MessageDeduplicationId": "d" * 129},
    "an identity with a space": {**GROUP, "MessageDeduplicationId": "a b"},
    "an identity with an accent": {**GROUP, "MessageDeduplicationId": "é"},
}


def queue(sqs: Backend, suffix: str = "", **attributes: str) -> str:
    made = sqs.client.create_queue(QueueName=sqs.name("q") + suffix, Attributes=attributes)
    return str(made["QueueUrl"])


def sent(sqs: Backend, url: str, **entry: Json) -> list[str]:
    """The codes with which entries of one batch are refused."""
    entries = [{"Id": name, "MessageBody": name, **more} for name, more in entry.items()]
    answer = sqs.client.send_message_batch(QueueUrl=url, Entries=entries)
    return [failed["Code"].rsplit(".", 1)[-1] for failed in answer.get("Failed", ())]


@pytest.mark.parametrize("right", RIGHT)
def test_groups_and_identities_that_are_taken(sqs: Backend, right: str) -> None:
    assert sent(sqs, queue(sqs, ".fifo", FifoQueue="true"), one=RIGHT[right]) == []


@as_documented
@pytest.mark.parametrize("wrong", WRONG)
def test_groups_and_identities_that_are_refused(sqs: Backend, wrong: str) -> None:
    url = queue(sqs, ".fifo", FifoQueue="true")
    assert sent(sqs, url, one=WRONG[wrong], other={**GROUP, **ONCE}) == ["InvalidParameterValue"]
    assert error_code(sqs.client.send_message, QueueUrl=url, MessageBody="a", **WRONG[wrong]) == "InvalidParameterValue"


@as_documented
@pytest.mark.parametrize("seconds", [-1, 901])
def test_delays_are_up_to_15_minutes(sqs: Backend, seconds: int) -> None:
    url = queue(sqs)
    codes = sent(sqs, url, one={"DelaySeconds": seconds}, other={"DelaySeconds": 900}, third={"DelaySeconds": 0})
    assert codes == ["InvalidParameterValue"]
    asked = {"QueueUrl": url, "MessageBody": "a", "DelaySeconds": seconds}
    assert error_code(sqs.client.send_message, **asked) == "InvalidParameterValue"


@as_documented
@pytest.mark.parametrize("seconds", [-1, 43_201])
def test_messages_are_hidden_for_up_to_12_hours(sqs: Backend, seconds: int) -> None:
    url = queue(sqs)
    sent(sqs, url, one={})
    refused = {"QueueUrl": url, "VisibilityTimeout": seconds}
    assert error_code(sqs.client.receive_message, **refused) == "InvalidParameterValue"
    (message,) = sqs.client.receive_message(QueueUrl=url)["Messages"]
    handle = {"ReceiptHandle": message["ReceiptHandle"]}
    assert error_code(sqs.client.change_message_visibility, **refused, **handle) == "InvalidParameterValue"
    entries = [{"Id": "one", "VisibilityTimeout": seconds, **handle}]
    (failed,) = sqs.client.change_message_visibility_batch(QueueUrl=url, Entries=entries)["Failed"]
    assert failed["Code"] == "InvalidParameterValue"
