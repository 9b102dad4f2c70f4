"""The write function's worker on simulated tables, and messages for it."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from tests.lambda_src.stack import Context
from tests.support.captured import Log
from tests.support.counted import Counted
from tests.support.witnessing import witnessing
from votes.ballot import Ballot
from votes.counting import Counting
from votes.messages import CountMessage, encode_count
from votes.settings import WriteSettings
from votes.shards import shard_of
from votes.write import Write

SHARDS = 4
VOTERS = {shard: next(f"v{n}" for n in range(99) if shard_of(f"v{n}", SHARDS) == shard) for shard in range(SHARDS)}


VOTING: dict[str, Any] = {"aspects": '["story","music"]', "scale": '{"lowest":1,"highest":3}'}


class Shelf:
    """Quarantine in memory."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def put(self, reason: str, day_us: int, lines: Iterable[Any]) -> str:
        self.lines += lines
        return reason


class Sqs:
    """Takes what is sent, unless it is told to fail."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.hidden: list[dict[str, Any]] = []
        self.fails = False

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        if self.fails:
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": "injected"}}, "SendMessageBatch")
        self.sent += [{"queue": QueueUrl, **entry} for entry in Entries]
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def change_message_visibility_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.hidden += [{"queue": QueueUrl, **entry} for entry in Entries]
        return {}


class Rig:
    """One worker on simulated tables."""

    log: Log

    def __init__(self) -> None:
        self.tables, self.sqs, self.shelf = Counted(), Sqs(), Shelf()
        self.journal = self.tables.journal
        self.write = self.worker()

    def entries(self) -> list[tuple[int, int]]:
        """The shard and number of each entry."""
        places = ((int(item["shard"]["N"]), int(item["n"]["N"])) for item in self.tables.items("journal"))
        return sorted(place for place in places if place[1])

    def votes(self) -> list[tuple[str, str]]:
        """The voter and title of each standing vote."""
        return sorted((item["voter_id"]["S"], item["title_id"]["S"]) for item in self.tables.votes())

    def worker(self) -> Write:
        config = WriteSettings(
            **VOTING,
            count_queue_url="http://q/count.fifo",
            tick_queue_url="http://q/tick.fifo",
            votes_table="v",
            journal_table="j",
            quarantine_bucket="b",
            keys_table="k",
            shards=SHARDS,
            slot_seconds=4,
            witness_share=1,
            packed_votes=False,
        )
        return Write(config, Counting(self.journal, SHARDS), self.sqs, self.shelf, witnessing())

    def handle(self, *bodies: str | CountMessage, context: Any = None) -> list[int]:
        """Which of the messages (by place) were returned as failed."""
        records = [
            {
                "messageId": f"id-{place}",
                "receiptHandle": f"r-{place}",
                "body": encode_count(body) if isinstance(body, CountMessage) else body,
                "attributes": {"SentTimestamp": "1795000000123", "ApproximateReceiveCount": "1"},
            }
            for place, body in enumerate(bodies)
        ]
        response = self.write.handle({"Records": records}, context or Context(60_000))
        return [int(failure["itemIdentifier"].removeprefix("id-")) for failure in response["batchItemFailures"]]


def ballot(shard: int, number: int = 1, title: str = "up") -> Ballot:
    return Ballot(VOTERS[shard], title, {"story": 3}, f"b{number}", number)


def message(shard: int, *ballots: Ballot, shards: int = SHARDS) -> CountMessage:
    return CountMessage(shard, shards, list(ballots) or [ballot(shard)])
