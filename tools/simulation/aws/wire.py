"""DynamoDB, SQS and S3 in the place where botocore would open a connection.

Everything of the SDK above that runs as shipped (building, signing, parsing, retries), so that its
CPU is the handlers'. What answers are the tests' simulated DynamoDB, behind its wire format, and
plain queues; the time that they take is kept apart.
"""

from __future__ import annotations

import base64
import json
import random
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, NamedTuple

from botocore.awsrequest import AWSResponse

from tools.simulation.aws.calls import Call
from tools.simulation.aws.dynamodb import DynamoDB
from tools.simulation.aws.errors import Refused
from tools.simulation.aws.meter import Meter, Touched, charge_reads

Wire = dict[str, Any]
UNSIMULATED = ("ReturnValues", "ReturnValuesOnConditionCheckFailure", "ReturnConsumedCapacity")
# refused, and charged all the same: other refusals cost nothing
CONDITION_FAILED = {"ConditionalCheckFailedException", "TransactionCanceledException"}
ENVELOPE_BYTES = 700  # of an event's record beside its body: ids, receipt handle, attributes, names


class Killed(BaseException):
    """The worker dies here: no handler may catch it."""


class Message(NamedTuple):
    """A message on a queue, or in an event."""

    body: str
    group: str | None = None


@dataclass
class Queue:
    """Messages in the order sent; a FIFO queue drops what it has had by its deduplication id."""

    fifo: bool
    messages: list[Message] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def put(self, entry: Wire) -> None:
        """Take a message as SendMessage names it."""
        group, once = entry.get("MessageGroupId"), entry.get("MessageDeduplicationId")
        if self.fifo and (group, once) in self.seen:
            return
        self.seen.add((group, once))  # type: ignore[arg-type]
        self.messages.append(Message(entry["MessageBody"], group))


@dataclass
class Services:
    """The services of one run, with the meter of what is asked of them.

    `send` stands in for botocore's HTTP session.
    """

    now_us: Callable[[], int]
    meter: Meter
    queues: dict[str, Queue] = field(default_factory=dict)
    spent: float = 0.0  # CPU seconds of the services' own
    # HTTP requests until the worker dies; an odd number dies after the request took effect
    kill_in: int | None = None
    # service, operation, what was asked, what was answered
    record: list[tuple[str, str, Wire, bytes]] | None = None
    canned: Iterator[bytes] | None = None  # answers to give whatever is asked
    heard: Callable[[str], None] | None = None  # told each call's operation, in its own thread

    def __post_init__(self) -> None:
        self.dynamodb = DynamoDB(self.now_us, random.Random(1))
        self._lock = threading.Lock()

    def queue(self, name: str, *, fifo: bool = False) -> str:
        """Make a queue; its URL."""
        url = f"https://sqs.us-east-1.amazonaws.com/000000000000/{name}{'.fifo' if fifo else ''}"
        self.queues[url] = Queue(fifo)
        return url

    def send(self, request: Any) -> AWSResponse:
        """Answer a signed request."""
        began = time.thread_time()
        with self._lock:
            response = self._answer(request)
            self.spent += time.thread_time() - began
        return response

    def _answer(self, request: Any) -> AWSResponse:
        if self.canned is not None:
            return _response(request.url, 200, next(self.canned))
        dies_after = self._step()
        service, operation = _target(request)
        self.meter.add("http_requests")
        if self.heard is not None:
            self.heard(operation)
        params = json.loads(request.body or b"{}", object_hook=_bytes_in) if operation else {}
        status = 200
        try:
            answer = self._effect(service, operation, params)
        except Refused as no:
            status, answer = 400, _refusal(no)
        if dies_after:
            raise Killed
        body = json.dumps(answer, default=_bytes_out).encode() if operation else b""
        if self.record is not None:
            self.record.append((service, operation, params, body))
        return _response(request.url, status, body)

    def _step(self) -> bool:
        """Die now, or after the effect, when the time has come."""
        if self.kill_in is None:
            return False
        self.kill_in -= 2
        if self.kill_in < 0:
            dies_after = self.kill_in == -1
            self.kill_in = None
            if not dies_after:
                raise Killed
            return True
        return False

    def _effect(self, service: str, operation: str, params: Wire) -> Wire:
        if service == "dynamodb":
            return self._dynamodb(operation, params)
        return self._sqs(operation, params) if service == "sqs" else {}

    def _dynamodb(self, operation: str, params: Wire) -> Wire:
        wants_old = params.get("ReturnValues") == "ALL_OLD"
        known = {name: value for name, value in params.items() if name not in UNSIMULATED}
        if params.get("ReturnValues") == "ALL_NEW":
            known["ReturnValues"] = "ALL_NEW"
        touched = Touched(self.dynamodb, operation, known)
        old = self._old(known) if wants_old or "ReturnValuesOnConditionCheckFailure" in params else None
        try:
            if operation == "TransactWriteItems":
                answer = self._transact(known)
            else:
                answer = self.dynamodb.operations[operation](Call("dynamodb", operation, known))
        except Refused as no:
            if no.code in CONDITION_FAILED:
                touched.charge(self.meter)
            if old and no.code == "ConditionalCheckFailedException":
                no.item = old  # type: ignore[attr-defined]
            raise
        touched.charge(self.meter)
        charge_reads(self.meter, operation, known, answer)
        return answer | ({"Attributes": old} if wants_old and old else {})

    def _old(self, params: Wire) -> Wire | None:
        table = self.dynamodb.table(params["TableName"])
        return table.items.get(table.key_of(params.get("Item") or params["Key"]))

    def _transact(self, params: Wire) -> Wire:
        """All of the writes, or none."""
        items = [next(iter(item.items())) for item in params["TransactItems"]]
        places = [(self.dynamodb.table(one["TableName"]), one.get("Item") or one["Key"]) for _, one in items]
        before = [(table, table.key_of(key), table.items.get(table.key_of(key))) for table, key in places]
        for number, (verb, one) in enumerate(items):
            known = {name: value for name, value in one.items() if name not in UNSIMULATED}
            try:
                self.dynamodb.operations[f"{verb}Item"](Call("dynamodb", f"{verb}Item", known))
            except Refused as no:
                for table, key, item in before:
                    table.write(key, item)
                cancelled = Refused("TransactionCanceledException", f"Transaction cancelled, see reasons: [{no.code}]")
                reasons = [{"Code": "None"}] * number + [
                    {"Code": no.code.removesuffix("Exception"), "Message": str(no)}
                ]
                cancelled.reasons = reasons  # type: ignore[attr-defined]
                raise cancelled from None
        return {}

    def _sqs(self, operation: str, params: Wire) -> Wire:
        queue = self.queues[params["QueueUrl"]]
        entries = params.get("Entries", [params])
        self.meter.sqs(queue.fifo, sum(len(entry.get("MessageBody", "").encode()) for entry in entries))
        if not operation.startswith("SendMessage"):
            return {"Successful": [{"Id": entry["Id"]} for entry in entries]}
        for entry in entries:
            queue.put(entry)
        sent = [
            {"MessageId": "0" * 36, "MD5OfMessageBody": md5(entry["MessageBody"].encode()).hexdigest()}
            for entry in entries
        ]
        if operation == "SendMessage":
            return sent[0]
        return {
            "Successful": [one | {"Id": entry["Id"]} for one, entry in zip(sent, entries, strict=True)],
            "Failed": [],
        }


def _target(request: Any) -> tuple[str, str]:
    """Service and operation of a request; S3's are not told apart."""
    target = request.headers.get("X-Amz-Target", b"")
    named = target.decode() if isinstance(target, bytes) else target
    if not named:
        return "s3", ""
    service, _, operation = named.partition(".")
    return ("dynamodb" if service.startswith("DynamoDB") else "sqs"), operation


def _refusal(no: Refused) -> Wire:
    answer: Wire = {"__type": f"com.amazonaws.dynamodb.v20120810#{no.code}", "message": str(no)}
    if item := getattr(no, "item", None):
        answer["Item"] = item
    if reasons := getattr(no, "reasons", None):
        answer["CancellationReasons"] = reasons
    return answer


class _Raw:
    """What urllib3 would give: the body, to be read once."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """The whole of it."""
        yield self._body


def _response(url: str, status: int, body: bytes) -> AWSResponse:
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "content-length": str(len(body)),
        "x-amz-crc32": str(zlib.crc32(body)),
    }
    return AWSResponse(url, status, headers, _Raw(body))  # type: ignore[arg-type]


def _bytes_in(found: Wire) -> Wire:
    if len(found) == 1 and isinstance(found.get("B"), str):
        return {"B": base64.b64decode(found["B"])}
    return found


def _bytes_out(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(re.sub(r"\s+", " ", repr(value))[:100])
