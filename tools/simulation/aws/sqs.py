"""Simulated SQS: the service's API on simulated queues."""

import hashlib
import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from tools.simulation.aws.calls import Call
from tools.simulation.aws.errors import Refused, only
from tools.simulation.aws.messages import Message, system_attributes
from tools.simulation.aws.queues import Listener, Listeners, Queue, arn_of

Answer = dict[str, Any]

MOST_ENTRIES, MOST_BYTES = 10, 1_048_576
ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html, which
# botocore's model does not repeat: letters, digits and punctuation
GROUP_OR_IDENTITY = re.compile(r"[!-~]{1,128}")
LONGEST_DELAY_SECONDS, LONGEST_HIDDEN_SECONDS = 900, 43_200
MESSAGE = {"DelaySeconds", "MessageAttributes", "MessageGroupId", "MessageDeduplicationId"}
ASKED = {"MaxNumberOfMessages", "VisibilityTimeout", "WaitTimeSeconds", "AttributeNames", "MessageSystemAttributeNames"}


class Sqs:
    """Queues by name, and what a client may ask of them.

    `wait` spends the seconds that a receive waits for a first message. Without it a receive never
    waits: time is the world's to spend.
    """

    name = "sqs"

    def __init__(self, now_us: Callable[[], int], rng: random.Random) -> None:
        self.queues: dict[str, Queue] = {}
        self.listeners = Listeners()
        self.wait: Callable[[Queue, int], None] | None = None
        self._now_us, self._rng = now_us, rng
        self.operations: dict[str, Callable[[Call], Answer]] = {
            "CreateQueue": self._create_queue,
            "GetQueueUrl": self._get_queue_url,
            "GetQueueAttributes": self._attributes,
            "PurgeQueue": self._purge,
            "SendMessage": self._send,
            "SendMessageBatch": self._send_batch,
            "ReceiveMessage": self._receive,
            "DeleteMessage": self._delete,
            "DeleteMessageBatch": self._delete_batch,
            "ChangeMessageVisibility": self._change,
            "ChangeMessageVisibilityBatch": self._change_batch,
        }

    def create_queue(self, name: str, attributes: Mapping[str, str] | None = None) -> Queue:
        """A new queue, its attributes as the API names them; FIFO if its name ends so."""
        made = Queue(name, attributes or {}, self._now_us, self._rng, self.listeners)
        if policy := json.loads(made.attributes.get("RedrivePolicy", "{}")):
            made.dead_letters = self.queues[policy["deadLetterTargetArn"].rsplit(":", 1)[-1]]
            made.most_receives = int(policy["maxReceiveCount"])
        self.queues[name] = made
        return made

    def url(self, name: str) -> str:
        """A queue's address."""
        return f"https://sqs.us-east-1.amazonaws.com/000000000000/{name}"

    def queue(self, url: str) -> Queue:
        """The queue at this address."""
        name = url.rsplit("/", 1)[-1]
        if name not in self.queues:
            raise Refused("AWS.SimpleQueueService.NonExistentQueue", f"The specified queue does not exist: {name}")
        return self.queues[name]

    def on_send(self, listener: Listener) -> None:
        """Call it with the queue and every message that joins one: sent, doubled, or moved there as
        a dead letter.
        """
        self.listeners.sent.append(listener)

    def on_delete(self, listener: Listener) -> None:
        """Call it with the queue and every message that leaves one; `message.gone` says why.

        A dead letter has joined the other by then.
        """
        self.listeners.gone.append(listener)

    def _create_queue(self, call: Call) -> Answer:
        only(call.operation, call.params, {"QueueName"}, {"Attributes"})
        return {"QueueUrl": self.url(self.create_queue(call.params["QueueName"], call.params.get("Attributes")).name)}

    def _get_queue_url(self, call: Call) -> Answer:
        only(call.operation, call.params, {"QueueName"})
        return {"QueueUrl": self.url(self.queue(call.params["QueueName"]).name)}

    def _attributes(self, call: Call) -> Answer:
        only(call.operation, call.params, {"QueueUrl"}, {"AttributeNames"})
        queue = self.queue(call.params["QueueUrl"])
        names = ("", "NotVisible", "Delayed")
        depths = {f"ApproximateNumberOfMessages{name}": str(n) for name, n in zip(names, queue.depths(), strict=True)}
        found = {**queue.attributes, **depths, "QueueArn": arn_of(queue.name)}
        asked = call.params.get("AttributeNames", [])
        return {"Attributes": found if "All" in asked else {name: found[name] for name in asked if name in found}}

    def _purge(self, call: Call) -> Answer:
        only(call.operation, call.params, {"QueueUrl"})
        self.queue(call.params["QueueUrl"]).purge()
        return {}

    def _send(self, call: Call) -> Answer:
        only(call.operation, call.params, {"QueueUrl", "MessageBody"}, MESSAGE)
        return _sent(_send_to(self.queue(call.params["QueueUrl"]), call.params))

    def _send_batch(self, call: Call) -> Answer:
        queue, entries = self._batch(call, {"Id", "MessageBody"}, MESSAGE)
        if sum(len(entry["MessageBody"].encode()) for entry in entries) > MOST_BYTES:
            raise Refused(
                "AWS.SimpleQueueService.BatchRequestTooLong",
                f"Batch requests cannot be longer than {MOST_BYTES} bytes.",
            )
        return _each(call, lambda entry: _sent(_send_to(queue, entry)))

    def _receive(self, call: Call) -> Answer:
        params = call.params
        only(call.operation, params, {"QueueUrl"}, ASKED | {"MessageAttributeNames"})
        most = params.get("MaxNumberOfMessages", 1)
        hidden = params.get("VisibilityTimeout")
        _check_seconds("VisibilityTimeout", hidden or 0, LONGEST_HIDDEN_SECONDS)
        if not 1 <= most <= MOST_ENTRIES or not 0 <= params.get("WaitTimeSeconds", 0) <= 20:
            raise Refused(
                "InvalidParameterValue",
                "MaxNumberOfMessages must be between 1 and 10, WaitTimeSeconds between 0 and 20",
            )
        names = {*params.get("AttributeNames", ()), *params.get("MessageSystemAttributeNames", ())}
        queue, seconds = self.queue(params["QueueUrl"]), params.get("WaitTimeSeconds", 0)
        taken = queue.receive(most, hidden)
        if not taken and seconds and self.wait:
            self.wait(queue, seconds)
            taken = queue.receive(most, hidden)
        messages = [_received(message, names, bool(params.get("MessageAttributeNames"))) for message in taken]
        return {"Messages": messages} if messages else {}

    def _delete(self, call: Call) -> Answer:
        only(call.operation, call.params, {"QueueUrl", "ReceiptHandle"})
        self.queue(call.params["QueueUrl"]).delete(call.params["ReceiptHandle"])
        return {}

    def _delete_batch(self, call: Call) -> Answer:
        queue, _ = self._batch(call, {"Id", "ReceiptHandle"})
        return _each(call, lambda entry: queue.delete(entry["ReceiptHandle"]))

    def _change(self, call: Call) -> Answer:
        only(call.operation, call.params, {"QueueUrl", "ReceiptHandle", "VisibilityTimeout"})
        _hide(self.queue(call.params["QueueUrl"]), call.params)
        return {}

    def _change_batch(self, call: Call) -> Answer:
        queue, _ = self._batch(call, {"Id", "ReceiptHandle", "VisibilityTimeout"})
        return _each(call, lambda entry: _hide(queue, entry))

    def _batch(self, call: Call, needed: set[str], known: set[str] = frozenset()) -> tuple[Queue, list[dict[str, Any]]]:  # type: ignore[assignment]
        """The queue and entries of a batch. Raises Refused where the batch as a whole is wrong."""
        only(call.operation, call.params, {"QueueUrl", "Entries"})
        entries = call.params["Entries"]
        for entry in entries:
            only(call.operation, entry, needed, known)
        ids = [entry["Id"] for entry in entries]
        wrong = {
            "EmptyBatchRequest": not ids,
            "TooManyEntriesInBatchRequest": len(ids) > MOST_ENTRIES,
            "BatchEntryIdsNotDistinct": len(set(ids)) < len(ids),
            "InvalidBatchEntryId": not all(map(ENTRY_ID.fullmatch, ids)),
        }
        for code, so in wrong.items():
            if so:
                raise Refused(f"AWS.SimpleQueueService.{code}", f"the batch of {len(ids)} entries is refused: {code}")
        return self.queue(call.params["QueueUrl"]), entries


def _each(call: Call, act: Callable[[dict[str, Any]], Answer | None]) -> Answer:
    """What each entry's act answers, or why it failed.

    Refused entries are not acted on, unheard ones are.
    """
    done: list[Answer] = []
    failed: list[Answer] = []
    for place, entry in enumerate(call.params["Entries"]):
        code = call.refused.get(place)
        try:
            said = act(entry) if code is None else None
        except Refused as no:
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": no.code, "Message": str(no)})
            continue
        if code := code or call.unheard.get(place):
            failed.append({"Id": entry["Id"], "SenderFault": False, "Code": code, "Message": "injected"})
        else:
            done.append({"Id": entry["Id"], **(said or {})})
    return {"Successful": done} | ({"Failed": failed} if failed else {})


def _send_to(queue: Queue, entry: Mapping[str, Any]) -> Message:
    """Send what an entry (or a request) says. Raises Refused."""
    body, group, identity = entry["MessageBody"], entry.get("MessageGroupId"), entry.get("MessageDeduplicationId")
    _check(entry)
    if queue.fifo:
        if group is None:
            raise Refused("MissingParameter", "The request must contain the parameter MessageGroupId.")
        if identity is None and queue.attributes.get("ContentBasedDeduplication") == "true":
            identity = hashlib.sha256(body.encode()).hexdigest()
        if identity is None:
            raise Refused(
                "InvalidParameterValue",
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId",
            )
    if "DelaySeconds" in entry if queue.fifo else identity is not None:
        raise Refused("InvalidParameterValue", "The request include parameter that is not valid for this queue type")
    return queue.send(
        body, group, identity, delay_seconds=entry.get("DelaySeconds"), attributes=entry.get("MessageAttributes", {})
    )


def _check(entry: Mapping[str, Any]) -> None:
    """Raises Refused where an entry cannot be a message, on whatever queue."""
    body = entry["MessageBody"]
    if not body or len(body.encode()) > MOST_BYTES:
        raise Refused(
            "InvalidParameterValue",
            f"One or more parameters are invalid. Reason: Message must be 1 to {MOST_BYTES} bytes.",
        )
    if NOT_XML.search(body):
        raise Refused("InvalidMessageContents", "Invalid characters found in the message body.")
    for name in ("MessageGroupId", "MessageDeduplicationId"):
        if name in entry and not GROUP_OR_IDENTITY.fullmatch(entry[name]):
            raise _invalid(name, entry[name], "1 to 128 letters, digits and punctuation")
    _check_seconds("DelaySeconds", entry.get("DelaySeconds", 0), LONGEST_DELAY_SECONDS)


def _hide(queue: Queue, entry: Mapping[str, Any]) -> None:
    """Change a visibility as an entry (or a request) says. Raises Refused."""
    _check_seconds("VisibilityTimeout", entry["VisibilityTimeout"], LONGEST_HIDDEN_SECONDS)
    queue.change_visibility(entry["ReceiptHandle"], entry["VisibilityTimeout"])


def _check_seconds(name: str, seconds: int, longest: int) -> None:
    if not 0 <= seconds <= longest:
        raise _invalid(name, seconds, f"0 to {longest}")


def _invalid(name: str, value: object, right: str) -> Refused:
    return Refused("InvalidParameterValue", f"Value {value} for parameter {name} is invalid. Reason: Must be {right}.")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sent(message: Message) -> Answer:
    sequence = {} if message.sequence is None else {"SequenceNumber": str(message.sequence)}
    return {"MessageId": message.id, "MD5OfMessageBody": _md5(message.body), **sequence}


def _received(message: Message, names: set[str], attributes: bool) -> Answer:
    """A message as ReceiveMessage answers it."""
    found: Answer = {
        "MessageId": message.id,
        "ReceiptHandle": message.handle,
        "MD5OfBody": _md5(message.body),
        "Body": message.body,
    }
    system = {name: value for name, value in system_attributes(message).items() if "All" in names or name in names}
    if system:
        found["Attributes"] = system
    if attributes and message.attributes:
        found["MessageAttributes"] = dict(message.attributes)
    return found
