"""The stack as unit tests see it: the planned `local` environment's queues and tables in moto, its
functions called as AWS would.
"""

import io
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

import pytest

from shared import clients, clock, logs, witness
from tests.support import plan, witnessing
from votes import messages, process, rank, receive, results, vote
from votes.ballot import Ballot
from votes.rules import Rules
from votes.shards import shard_of

RULES = Rules(["story", "acting", "visuals", "music", "overall"], 1, 5)
NOW_US = 1_795_248_000_000_000  # 2026-11-21T08:00:00Z
CAST_AT = NOW_US - 60_000_000
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
    return {
        "messageId": f"message-{number}",
        "receiptHandle": f"receipt-{number}",
        "body": body,
        "attributes": attributes,
    }


def request(
    body: object,
    *,
    method: str = "POST",
    path: str = "/v1/ballots",
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Json:
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


class Cloud:
    """The planned queues, tables and bucket, made once for a module's tests and emptied between
    them.
    """

    def __init__(self, planned: Json) -> None:
        self.planned = planned
        clients.reset()
        self.sqs, self.s3, self.dynamodb = (clients.client(service) for service in ("sqs", "s3", "dynamodb"))
        self.queues = plan.create_queues(planned, self.sqs)
        self.tables = plan.create_tables(planned, self.dynamodb)
        self.bucket = plan.create_buckets(planned, self.s3)["quarantine"]
        self.rankings = plan.environment(planned, "rank")["RANKINGS_BUCKET"]
        row = {"name": {"S": witness.KEY}, "key": {"B": witnessing.KEY}}
        self.dynamodb.put_item(TableName=self.tables["keys"], Item=row)

    def empty(self) -> None:
        """Forget what a test left behind."""
        for url in self.queues.values():  # a purge is allowed once a minute
            self.sqs.delete_queue(QueueUrl=url)
        self.queues = plan.create_queues(self.planned, self.sqs)
        for table in ("catalogue", "tallies"):
            for item in self.dynamodb.scan(TableName=self.tables[table])["Items"]:
                self.dynamodb.delete_item(TableName=self.tables[table], Key={"title_id": item["title_id"]})
        for item in self.dynamodb.scan(TableName=self.tables["votes"])["Items"]:
            key = {name: item[name] for name in ("voter_id", "title_id")}
            self.dynamodb.delete_item(TableName=self.tables["votes"], Key=key)
        for bucket in (self.bucket, self.rankings):
            for item in self.s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
                self.s3.delete_object(Bucket=bucket, Key=item["Key"])


class Stack:
    """Everything deployed, empty."""

    def __init__(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, read_stdout: Callable[[], str]) -> None:
        self._patch, self._read_stdout = monkeypatch, read_stdout
        self.sqs, self.s3, self.dynamodb = cloud.sqs, cloud.s3, cloud.dynamodb
        self.queues, self.tables, self.bucket = cloud.queues, cloud.tables, cloud.bucket
        self.rankings = cloud.rankings
        self._clients: dict[str, Any] = {"sqs": cloud.sqs, "s3": cloud.s3, "dynamodb": cloud.dynamodb}
        monkeypatch.setattr(clients, "client", lambda service, hurried=False: self._clients[service])
        monkeypatch.setattr(clock, "now_us", lambda: NOW_US)
        self.sleeps: list[float] = []
        monkeypatch.setattr(clock, "sleep", self.sleeps.append)
        for function in plan.FUNCTIONS:
            for name, value in plan.environment(cloud.planned, function).items():
                monkeypatch.setenv(name, value)
        self.setenv(INGEST_QUEUE_URL=self.queues["ingest"], COUNT_QUEUE_URL=self.queues["count"])
        logs.logger.cache_clear()
        self._log = io.StringIO()
        for handler in logs.logger().handlers:
            handler.setStream(self._log)  # type: ignore[attr-defined]

    def setenv(self, **variables: str | None) -> None:
        """Deploy the functions, with other settings if they are named (None: without); new workers
        remember nothing.
        """
        for name, value in variables.items():
            if value is None:
                self._patch.delenv(name, raising=False)
            else:
                self._patch.setenv(name, value)
        for module in (receive, process, results, vote, rank):
            module._worker.cache_clear()

    def replace_client(self, service: str, stand_in: Any) -> None:
        """Let the functions talk to `stand_in` in place of a service."""
        self._clients[service] = stand_in
        self.setenv()

    def post(self, body: object, **more: Any) -> Answer:
        """Send a request to receive."""
        return Answer(receive.handler(request(body, **more), Context()))

    def results(self, title_id: str | None, **more: Any) -> Answer:
        """Ask for a title's results."""
        event = (
            request(None, method="GET", path=f"/v1/titles/{title_id}/results", pathParameters={"title_id": title_id})
            | more
        )
        return Answer(results.handler(event, Context()))

    def titles(self, query: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Ask for the titles that lead."""
        event = request(None, method="GET", path="/v1/titles", queryStringParameters=dict(query or {})) | more
        return Answer(results.handler(event, Context()))

    def vote(self, title_id: str | None, headers: Mapping[str, str], **more: Any) -> Answer:
        """Ask for one's own vote on a title."""
        path, named = f"/v1/titles/{title_id}/vote", {"title_id": title_id}
        event = request(None, method="GET", path=path, headers=headers, pathParameters=named) | more
        return Answer(vote.handler(event, Context()))

    def rank(self, context: Context | None = None) -> Json:
        """Call rank as its schedule does."""
        return rank.handler({}, context or Context())

    def process(self, records: Iterable[Json], context: Context | None = None) -> list[str]:
        """Give records to process; the message ids that it failed."""
        answer = process.handler({"Records": list(records)}, context or Context())
        assert answer.keys() == {"batchItemFailures"}
        assert all(failure.keys() == {"itemIdentifier"} for failure in answer["batchItemFailures"])
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def take(self, queue: str) -> list[Json]:
        """Receive everything on a queue, as records, and delete it (other queues than ingest, whose
        messages process may touch).
        """
        taken: list[Json] = []
        while found := self.sqs.receive_message(
            QueueUrl=self.queues[queue], MaxNumberOfMessages=10, AttributeNames=["All"]
        ).get("Messages"):
            taken += [
                {
                    "messageId": m["MessageId"],
                    "receiptHandle": m["ReceiptHandle"],
                    "body": m["Body"],
                    "attributes": m["Attributes"],
                }
                for m in found
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


def ingest(*ballots: Any, received_at: int = NOW_US) -> str:
    """The body of a message as receive sends it."""
    return compact({"v": 1, "received_at": received_at, "ballots": [one | {"cast_at": CAST_AT} for one in ballots]})


def compact(message: Any) -> str:
    """JSON as receive writes it."""
    return json.dumps(message, separators=(",", ":"))


def counted(stack: Stack) -> list[Ballot]:
    """The ballots on the count queue, after a look at their messages."""
    found: list[Ballot] = []
    for taken in stack.take("count"):
        message = messages.decode_count(taken["body"], RULES)
        assert message.shards == 4
        assert message.refused == []
        assert all(shard_of(one.voter_id, 4) == message.shard for one in message.ballots)
        assert taken["attributes"]["MessageGroupId"] == str(message.shard)
        assert taken["attributes"]["MessageDeduplicationId"] == sha256(taken["body"].encode()).hexdigest()
        found += message.ballots
    return found
