"""A message that was half applied when it was given up counts once when it is redriven.

Though others of its group have passed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import boto3
import pytest

from shared import logs
from shared.quarantine import Quarantine
from tests.lambda_src.stack import Context
from tests.support import emulated
from tests.support.captured import own_logger
from tests.support.witnessing import witnessing
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run
from tools.operations import dead_letters, redrive
from tools.operations.votes.message_summary import summary_of
from tools.simulation.votes.ballots import EARLIER, START_US, THREE, VOTER, expected, nonzero
from votes.ballot import Ballot
from votes.counting import Counting
from votes.folding import Folding
from votes.journal import Journal
from votes.messages import CountMessage, encode_count
from votes.settings import WriteSettings
from votes.shards import shard_of
from votes.tallies import read_titles
from votes.write import Write

SHARDS = 2
RECEIVES = 3
# Of the same voter, after the three were cast: one that changes a vote of theirs, one that came
# late; and somebody else's.
OTHER = next(f"w{n}" for n in range(9) if shard_of(f"w{n}", SHARDS) == shard_of(VOTER, SHARDS))
PASSED = [
    Ballot(VOTER, "t0", {"story": 1}, "e", START_US + 2),
    Ballot(VOTER, "t1", {"story": 3, "music": 1}, "f", START_US),
    Ballot(OTHER, "t0", {"story": 2}, "g", START_US),
]


class Crash(BaseException):
    """The function is gone: no answer, no line of a failure."""


class Crashing:
    """A client whose call number `at` never comes back: it crashes before or after its effect."""

    def __init__(self, client: Any, at: int, after: bool) -> None:
        self._client, self._at, self._after, self.calls = client, at, after, 0

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            number, self.calls = self.calls, self.calls + 1
            if number == self._at and not self._after:
                raise Crash(name)
            answer = getattr(self._client, name)(**request)
            if number == self._at:
                raise Crash(name)
            return answer

        return call


class Cloud(NamedTuple):
    """The emulator's clients, and a count queue with its dead letters and a tick queue."""

    dynamodb: Any
    sqs: Any
    s3: Any
    queue: str
    dead: str
    tick: str


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    run = Run(tmp_path_factory.mktemp("emulator"))
    state = emulator.start(run)
    session = boto3.Session(emulator.KEY, emulator.KEY, region_name=state["region"])
    clients: list[Any] = [
        session.client(service, endpoint_url=state["endpoint"]) for service in ("dynamodb", "sqs", "s3")
    ]
    dynamodb, sqs, s3 = clients
    try:
        dead = sqs.create_queue(QueueName="count-dlq.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES})
        queue = sqs.create_queue(QueueName="count.fifo", Attributes={"FifoQueue": "true", "RedrivePolicy": policy})[
            "QueueUrl"
        ]
        tick = sqs.create_queue(QueueName="tick.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        yield Cloud(dynamodb, sqs, s3, queue, dead, tick)
    finally:
        for client in clients:
            client.close()
        emulator.stop(run)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "votes-write")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "sluice")
    logs.metrics.cache_clear()
    with own_logger("votes-write"):
        yield
    logs.metrics.cache_clear()


class Rig:
    """Write on tables of its own, fed from the count queue as a mapping would."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.tables = cloud, emulated.tables(cloud.dynamodb)

    def send(self, *ballots: Ballot) -> None:
        body = encode_count(CountMessage(shard_of(VOTER, SHARDS), SHARDS, list(ballots)))
        name = f"{self.tables.journal} {ballots[0].ballot_id}"
        self.cloud.sqs.send_message(
            QueueUrl=self.cloud.queue, MessageBody=body, MessageGroupId="1", MessageDeduplicationId=name
        )

    def worker(self, dynamodb: Any) -> Write:
        config = WriteSettings(
            aspects='["story","music"]', scale='{"lowest":1,"highest":3}', count_queue_url=self.cloud.queue,
            tick_queue_url=self.cloud.tick, votes_table=self.tables.votes, journal_table=self.tables.journal,
            quarantine_bucket="b", keys_table="k", shards=SHARDS, slot_seconds=4, witness_share=1, packed_votes=False,
        )  # fmt: skip
        counting = Counting(Journal(dynamodb, self.tables.journal, self.tables.votes), SHARDS)
        return Write(config, counting, self.cloud.sqs, Quarantine(self.cloud.s3, "b"), witnessing())

    def deliver(self, dynamodb: Any) -> bool:
        """One delivery to a new worker; False when the queue holds nothing.

        What crashes is visible again at once.
        """
        sqs, url = self.cloud.sqs, self.cloud.queue
        found = sqs.receive_message(QueueUrl=url, AttributeNames=["All"]).get("Messages", [])
        for message in found:
            record = {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
            }
            try:
                answer = self.worker(dynamodb).handle(
                    {"Records": [record | {"attributes": message["Attributes"]}]}, Context()
                )
            except Crash:
                sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
            else:
                assert answer == {"batchItemFailures": []}
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bool(found)

    def drain(self, dynamodb: Any) -> None:
        while self.deliver(dynamodb):
            pass

    def tallied(self) -> dict[str, dict[str, int]]:
        """The tallies, after everything is folded."""
        stores = self.tables.stores()
        Folding(stores.journal, stores.tallies, SHARDS, 1_000).fold(10_000_000)
        rows = self.cloud.dynamodb.scan(TableName=self.tables.tallies)["Items"]
        return nonzero(read_titles(rows))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_counts_once_wherever_write_was_cut_off(cloud: Cloud, after: bool) -> None:
    sent = [*EARLIER, *THREE, *PASSED]
    at = 0
    while True:
        rig = Rig(cloud)
        rig.send(*EARLIER)
        rig.drain(cloud.dynamodb)
        rig.send(*THREE)
        crashing = Crashing(cloud.dynamodb, at, after)
        rig.deliver(crashing)
        if crashing.calls <= at:
            break  # it came through
        # and then the table is out of reach until the message is given up
        for _ in range(RECEIVES - 1):
            rig.deliver(Crashing(cloud.dynamodb, 0, False))
        rig.send(*PASSED)
        rig.drain(cloud.dynamodb)
        (letter,) = dead_letters.peek(cloud.sqs, cloud.dead, summary_of)
        assert (letter.summary.kind, letter.group) == ("ballots to count", "1")
        assert redrive.move(cloud.sqs, cloud.dead, cloud.queue, most=1) == 1
        rig.drain(cloud.dynamodb)
        assert rig.tallied() == expected(sent)[1], f"cut off at call {at}"
        at += 1
    assert at == 6  # head, entry, standing votes, append, votes, head
