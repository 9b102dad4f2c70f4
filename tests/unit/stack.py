"""The stack as unit tests see it: queues, tables and bucket of the planned `local` environment in moto, and its functions called as AWS would."""

import io
import itertools
import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from shared import clients, clock, logs
from votes import process, receive, results

from tests.support import plan

NOW_US = 1_795_248_000_000_000  # 2026-11-21T08:00:00Z
Json = dict[str, Any]

_serial = itertools.count()


class Context:
    """What Lambda gives a handler, as far as ours look."""

    aws_request_id = "request"

    def __init__(self, *remaining_ms: int) -> None:
        self._remaining = list(remaining_ms or (30_000,))

    def get_remaining_time_in_millis(self) -> int:
        """What it was made with, one after the other, then the last for ever."""
        return self._remaining.pop(0) if len(self._remaining) > 1 else self._remaining[0]


def ballot(**changes: Any) -> Json:
    """A good ballot without a stamp."""
    return {"voter_id": "voter-1", "title_id": "the-wire", "votes": {"story": 5, "music": None}, **changes}


def stamped(**changes: Any) -> Json:
    """A good ballot with a stamp."""
    return ballot() | {"ballot_id": "ballot-1", "cast_at": "2026-11-21T07:59:00Z"} | changes


def record(body: str, *, receives: int = 1, sent_at_us: int = NOW_US) -> Json:
    """A message as the queue hands it to a function."""
    number = next(_serial)
    attributes = {"SentTimestamp": str(sent_at_us // 1000), "ApproximateReceiveCount": str(receives)}
    return {"messageId": f"message-{number}", "receiptHandle": f"receipt-{number}", "body": body, "attributes": attributes}


def request(body: object, *, method: str = "POST", path: str = "/v1/ballots", headers: Mapping[str, str] | None = None, **more: Any) -> Json:
    """An HTTP API event, payload 2.0; a body that is no text is sent as JSON."""
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": {"content-type": "application/json"} if headers is None else dict(headers),
        "requestContext": {"http": {"method": method, "path": path}},
        "body": body if isinstance(body, str | None) else json.dumps(body),
        "isBase64Encoded": False,
        **more,
    }


class Answer:
    """A reply as the client sees it."""

    def __init__(self, reply: Json) -> None:
        self.status: int = reply["statusCode"]
        self.headers: dict[str, str] = reply["headers"]
        self.text: str = reply["body"]
        self.body: Any = json.loads(reply["body"])
        assert self.headers["content-type"] == "application/json"
        if self.status >= 400:
            assert self.body.keys() == {"code", "message", "details"}


class Stack:
    """Everything deployed, empty."""

    def __init__(self, planned: Json, monkeypatch: pytest.MonkeyPatch, read_stdout: Callable[[], str]) -> None:
        self._patch, self._read_stdout = monkeypatch, read_stdout
        self._real_client = clients.client
        self._stand_ins: dict[str, Any] = {}
        for function in plan.FUNCTIONS:
            for name, value in plan.environment(planned, function).items():
                monkeypatch.setenv(name, value)
        for name, value in {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(clock, "now_us", lambda: NOW_US)
        self.sleeps: list[float] = []
        monkeypatch.setattr(clock, "sleep", self.sleeps.append)
        self.restart()
        self.sqs, self.s3, self.dynamodb = (clients.client(service) for service in ("sqs", "s3", "dynamodb"))
        self.queues = plan.create_queues(planned, self.sqs)
        self.tables = plan.create_tables(planned, self.dynamodb)
        self.bucket = plan.create_buckets(planned, self.s3)["quarantine"]
        self.setenv(INGEST_QUEUE_URL=self.queues["ingest"], COUNT_QUEUE_URL=self.queues["count"])
        self._log = io.StringIO()
        for handler in logs.logger().handlers:
            handler.setStream(self._log)  # type: ignore[attr-defined]

    def restart(self) -> None:
        """New workers: nothing is remembered."""
        for module in (receive, process, results):
            module._worker.cache_clear()
        self._patch.setattr(clients, "client", self._real_client)
        clients.reset()

    def setenv(self, **variables: str | None) -> None:
        """Deploy the functions with other settings (None: without)."""
        for name, value in variables.items():
            if value is None:
                self._patch.delenv(name, raising=False)
            else:
                self._patch.setenv(name, value)
        for module in (receive, process, results):
            module._worker.cache_clear()

    def replace_client(self, service: str, stand_in: Any) -> None:
        """Let the functions talk to `stand_in` in place of a service."""
        self._stand_ins[service] = stand_in
        self._patch.setattr(clients, "client", lambda name: self._stand_ins.get(name) or self._real_client(name))
        self.setenv()

    def post(self, body: object, **more: Any) -> Answer:
        """Send a request to receive."""
        return Answer(receive.handler(request(body, **more), Context()))

    def results(self, title_id: str | None, **more: Any) -> Answer:
        """Ask for a title's results."""
        event = request(None, method="GET", path=f"/v1/titles/{title_id}/results", pathParameters={"title_id": title_id}) | more
        return Answer(results.handler(event, Context()))

    def process(self, records: Iterable[Json], context: Context | None = None) -> list[str]:
        """Give records to process; the message ids that it failed."""
        answer = process.handler({"Records": list(records)}, context or Context())
        assert answer.keys() == {"batchItemFailures"}
        assert all(failure.keys() == {"itemIdentifier"} for failure in answer["batchItemFailures"])
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def take(self, queue: str) -> list[Json]:
        """Receive everything on a queue, as records, and delete it (other queues than ingest, whose messages process may touch)."""
        taken: list[Json] = []
        while found := self.sqs.receive_message(QueueUrl=self.queues[queue], MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages"):
            taken += [
                {"messageId": m["MessageId"], "receiptHandle": m["ReceiptHandle"], "body": m["Body"], "attributes": m["Attributes"]} for m in found
            ]
        for one in taken if queue != "ingest" else ():
            self.sqs.delete_message(QueueUrl=self.queues[queue], ReceiptHandle=one["receiptHandle"])
        return taken

    def quarantined(self) -> dict[str, list[Json]]:
        """What is in quarantine, by reason."""
        found: dict[str, list[Json]] = {}
        for key in self.quarantine_keys():
            body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()
            reason = key.split("/")[1].removeprefix("reason=")
            found.setdefault(reason, []).extend(json.loads(line) for line in body.splitlines())
        return found

    def quarantine_keys(self) -> list[str]:
        """The objects in quarantine."""
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", ())]

    def list_title(self, title_id: str, **times: str) -> None:
        """Put a title into the catalogue; `opens` and `closes` are seconds since the epoch."""
        item = {"title_id": {"S": title_id}, **{name: {"N": value} for name, value in times.items()}}
        self.dynamodb.put_item(TableName=self.tables["catalogue"], Item=item)

    def logged(self) -> list[Json]:
        """The lines written to the log since the last look, metrics too; each must be JSON."""
        text = self._log.getvalue() + self._read_stdout()
        self._log.seek(0)
        self._log.truncate()
        return [json.loads(line) for line in text.splitlines()]


def metrics(lines: Iterable[Json]) -> Json:
    """The metrics among log lines: name to value, or to {dimension: value}."""
    found: Json = {}
    for line in lines:
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            for name in (metric["Name"] for metric in directive["Metrics"]):
                others = [dimension for dimension in directive["Dimensions"][0] if dimension != "service"]
                value = line[name][0] if isinstance(line[name], list) else line[name]
                if others:
                    found.setdefault(name, {})[line[others[0]]] = value
                else:
                    found[name] = value
    return found


def environ(names: Iterable[str]) -> dict[str, str]:
    """These variables, as the functions see them now."""
    return {name: os.environ[name] for name in names}
