"""write: takes count messages, shard by shard, and makes their ballots count."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from shared import clients, clock, logs, queues, settings
from votes import messages, quarantine, witness
from votes.ballot import Ballot, Code
from votes.counting import Counting, Outcome
from votes.entry import UnreadableEntry
from votes.journal import Journal, ShardsDiffer
from votes.messages import CountMessage
from votes.settings import WriteSettings
from votes.shards import shard_of

COUNTS = (
    "BallotsCounted",
    "BallotsSuperseded",
    "BallotsQuarantined",
    "EntriesAppended",
    "EntriesFinished",
    "AppendsRefused",
    "ShardsStopped",
)


class Parcel(NamedTuple):
    """A count message with the queue's record of it."""

    record: dict[str, Any]
    message: CountMessage


class Write:
    """The function's work; one a worker, because heads and the last tick are remembered."""

    def __init__(self, config: WriteSettings, counting: Counting, sqs: Any, shelf: quarantine.Shelf) -> None:
        self._config, self._counting, self._sqs, self._shelf = config, counting, sqs, shelf
        self._rules = config.rules()
        self._slot = -1

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The partial batch response to an event of the count queue. Messages of one shard succeed or fail together."""
        queues.out_of_time(context)
        counts = dict.fromkeys(COUNTS, 0)
        by_shard, failed = self._read(event["Records"])
        for shard, parcels in by_shard.items():
            try:
                self._settle(shard, parcels, context, counts)
            except Exception as error:  # whatever it is, other shards go on, and these messages come again
                records = [parcel.record for parcel in parcels]
                self._failed("count", error, records, shard=shard)
                counts["ShardsStopped"] += isinstance(error, UnreadableEntry)
                failed += records
        if any(parcel.message.ballots for parcels in by_shard.values() for parcel in parcels) and not self._tick():
            if others := [record for record in event["Records"] if record not in failed]:
                queues.failed("tick", "NotSent", self._config.count_queue_url, others)
            failed = event["Records"]
        if failed:
            queues.back_off(self._sqs, self._config.count_queue_url, failed, context=context)
        logs.count(counts)
        return queues.failures(record["messageId"] for record in failed)

    def _read(self, records: Iterable[dict[str, Any]]) -> tuple[dict[int, list[Parcel]], list[dict[str, Any]]]:
        """The messages by shard, and the records that fail; what can never be read is in quarantine."""
        by_shard: dict[int, list[Parcel]] = {}
        failed: list[dict[str, Any]] = []
        for record in records:
            try:
                message = messages.decode_count(record["body"], self._rules)
                if message.shards != self._config.shards:
                    raise ShardsDiffer(f"the message was made for {message.shards} shards, the function is set to {self._config.shards}")
                by_shard.setdefault(message.shard, []).append(Parcel(record, message))
            except messages.Unreadable as error:
                if not self._shelve_message(record, error):
                    failed.append(record)
            except Exception as error:
                self._failed("read", error, [record])
                failed.append(record)
        return by_shard, failed

    def _settle(self, shard: int, parcels: list[Parcel], context: Any, counts: dict[str, int]) -> None:
        """Count or quarantine every ballot of the shard's messages."""
        ballots: list[Ballot] = []
        quarantined: list[str] = []
        reasons: Counter[str] = Counter()
        for parcel in parcels:
            right, wrong = self._sort(parcel.message)
            ballots += right
            quarantined += self._shelve(parcel.record, wrong)
            reasons.update(reason for _, reason, _ in wrong)
        outcome = Outcome()
        if ballots:
            outcome = self._counting.count(shard, ballots, lambda: queues.out_of_time(context))
        for name, ids in (
            ("counted", [ballot.ballot_id for ballot in outcome.counted]),
            ("superseded", [ballot.ballot_id for ballot in outcome.superseded]),
            ("quarantined", quarantined),
        ):
            witness.line(logs.logger(), "settled", name, witness.hashes(ids, self._config.witness_share))
        counts["BallotsCounted"] += len(outcome.counted)
        counts["BallotsSuperseded"] += len(outcome.superseded)
        counts["BallotsQuarantined"] += reasons.total()
        logs.count_by("Quarantined", "reason", reasons)
        counts["EntriesAppended"] += outcome.appended
        counts["EntriesFinished"] += outcome.finished
        counts["AppendsRefused"] += outcome.refused

    def _sort(self, message: CountMessage) -> tuple[list[Ballot], list[tuple[object, str, str]]]:
        """The ballots to count, and (row, reason, detail) of those to put in quarantine."""
        right: list[Ballot] = []
        wrong = [(row, str(refusal.code), refusal.message) for row, refusal in message.refused]
        for ballot in message.ballots:
            if (shard := shard_of(ballot.voter_id, message.shards)) == message.shard:
                right.append(ballot)
            else:
                detail = f"the voter belongs to shard {shard} of {message.shards}, the message said {message.shard}"
                wrong.append((list(ballot), str(Code.WRONG_SHARD), detail))
        return right, wrong

    def _shelve(self, record: dict[str, Any], wrong: list[tuple[object, str, str]]) -> list[str]:
        """Put what is wrong with a message's ballots in quarantine, by reason; the ballot ids there are."""
        sent_at = queues.sent_at_us(record)
        for reason in dict.fromkeys(reason for _, reason, _ in wrong):
            lines = [quarantine.line_of("count", why, detail, sent_at, ballot=row) for row, why, detail in wrong if why == reason]
            self._shelf.put(reason, sent_at, lines)
        return [row[3] for row, _, _ in wrong if isinstance(row, list) and len(row) > 3 and isinstance(row[3], str)]

    def _shelve_message(self, record: dict[str, Any], error: messages.Unreadable) -> bool:
        sent_at = queues.sent_at_us(record)
        line = quarantine.line_of("count", error.reason, error.detail, sent_at, body=record["body"])
        try:
            self._shelf.put(error.reason, sent_at, [line])
        except Exception as failure:
            self._failed("quarantine", failure, [record])
            return False
        logs.count_by("Quarantined", "reason", {str(error.reason): 1})
        return True

    def _tick(self) -> bool:
        """Wake tally, once a slot: the tick's delay lets it come after the slot's last append."""
        slot = clock.now_us() // (self._config.slot_seconds * 1_000_000)
        if slot == self._slot:
            return True
        if queues.send_all(self._sqs, self._config.tick_queue_url, [messages.tick(slot)]):
            return False
        self._slot = slot
        return True

    def _failed(self, place: str, error: Exception, records: list[dict[str, Any]], **more: object) -> None:
        queues.failed(place, logs.kind_of(error), self._config.count_queue_url, records, **logs.cause_of(error), **more)


@cache
def _worker() -> Write:
    config = settings.load(WriteSettings)
    journal = Journal(clients.client("dynamodb"), config.journal_table, config.votes_table)
    shelf = quarantine.Quarantine(clients.client("s3"), config.quarantine_bucket)
    return Write(config, Counting(journal, config.shards), clients.client("sqs"), shelf)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
