"""write: takes count messages, shard by shard, and makes their ballots count."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared import clients, clock, logs, quarantine, queues, settings, witness
from shared.dynamo import Throttled
from shared.quarantine import QuarantineStore
from shared.witness import Witnessing
from votes import messages
from votes.ballot import Ballot, Code
from votes.counting import Contended, Counting, Outcome, OutOfTime
from votes.entry import UnreadableEntry
from votes.journal import Journal, ShardsDiffer, VotesNotPut
from votes.messages import CountMessage
from votes.settings import WriteSettings
from votes.shards import shard_of

# trouble that no single message makes: trying each by itself would only add to it
OF_THE_SHARD = (
    *(BotoCoreError, ClientError, Contended, OutOfTime),
    *(ShardsDiffer, Throttled, UnreadableEntry, VotesNotPut),
)
COUNTS = (
    "BallotsCounted",
    "BallotsSuperseded",
    "BallotsQuarantined",
    "EntriesAppended",
    "EntriesFinished",
    "AppendsRefused",
    "ShardsStopped",
)


class QueuedMessage(NamedTuple):
    """A count message with the queue's record of it."""

    record: dict[str, Any]
    message: CountMessage


class TakenMessage(NamedTuple):
    """A message whose wrong rows are in quarantine: the ballots to count, and what went there."""

    record: dict[str, Any]
    right: list[Ballot]
    quarantined: list[str]
    reasons: Counter[str]


class Write:
    """The function's work; one a worker, because heads and the last tick are remembered."""

    def __init__(
        self,
        config: WriteSettings,
        counting: Counting,
        sqs: Any,
        store: QuarantineStore,
        witnessing: Witnessing,
    ) -> None:
        self._config, self._counting, self._sqs, self._store = config, counting, sqs, store
        self._witnessing = witnessing
        self._rules = config.rules()
        self._slot = -1

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The partial batch response to an event of the count queue.

        Messages of one shard are counted together; what fails one of them alone does not fail the
        others.
        """
        queues.out_of_time(context)
        counts = dict.fromkeys(COUNTS, 0)
        by_shard, failed = self._read(event["Records"])
        for shard, queued in by_shard.items():
            failed += self._settled_or_failed(shard, queued, context, counts)
        if _has_ballots(by_shard.values()) and not self._tick():
            if others := [record for record in event["Records"] if record not in failed]:
                queues.failed("tick", "NotSent", self._config.count_queue_url, others)
            failed = event["Records"]
        if failed:
            queues.back_off(self._sqs, self._config.count_queue_url, failed, context=context)
        logs.count(counts)
        return queues.failures(record["messageId"] for record in failed)

    def _read(
        self, records: Iterable[dict[str, Any]]
    ) -> tuple[dict[int, list[QueuedMessage]], list[dict[str, Any]]]:
        """The messages by shard, and the records that fail.

        What can never be read is in quarantine.
        """
        by_shard: dict[int, list[QueuedMessage]] = {}
        failed: list[dict[str, Any]] = []
        for record in records:
            try:
                message = messages.decode_count(record["body"], self._rules)
                if message.shards != self._config.shards:
                    raise ShardsDiffer(
                        f"the message was made for {message.shards} shards, "
                        f"the function is set to {self._config.shards}"
                    )
                by_shard.setdefault(message.shard, []).append(QueuedMessage(record, message))
            except messages.Unreadable as error:
                if not self._quarantine_message(record, error):
                    failed.append(record)
            except Exception as error:
                self._failed("read", error, [record])
                failed.append(record)
        return by_shard, failed

    def _settled_or_failed(
        self, shard: int, queued: list[QueuedMessage], context: Any, counts: dict[str, int]
    ) -> list[dict[str, Any]]:
        """Settle the shard's messages: the records of those that come again.

        Whatever it is, other shards go on. What may be one message's fault fails that one alone, or
        the good ones would die with it.
        """
        failed: list[dict[str, Any]] = []
        taken: list[TakenMessage] = []
        for one in queued:
            try:
                taken.append(self._take(one))
            except Exception as error:
                self._failed("quarantine", error, [one.record], shard=shard)
                failed.append(one.record)
        return failed + self._counted_or_failed(shard, taken, context, counts)

    def _counted_or_failed(
        self, shard: int, taken: list[TakenMessage], context: Any, counts: dict[str, int]
    ) -> list[dict[str, Any]]:
        """Count the shard's messages, together or else one by one: the records that come again."""
        try:
            self._count(shard, taken, context, counts)
        except Exception as error:
            if len(taken) > 1 and not isinstance(error, OF_THE_SHARD):
                alone = [self._counted_or_failed(shard, [one], context, counts) for one in taken]
                return list(chain.from_iterable(alone))
            records = [one.record for one in taken]
            self._failed("count", error, records, shard=shard)
            counts["ShardsStopped"] += isinstance(error, UnreadableEntry)
            return records
        return []

    def _take(self, queued: QueuedMessage) -> TakenMessage:
        """A message with its wrong rows in quarantine."""
        right, wrong = self._sort(queued)
        quarantined = self._quarantine(queued.record, wrong)
        reasons = Counter(reason for _, reason, _ in wrong)
        return TakenMessage(queued.record, right, quarantined, reasons)

    def _count(
        self, shard: int, taken: list[TakenMessage], context: Any, counts: dict[str, int]
    ) -> None:
        """Count the ballots of the shard's messages, and tell what became of each."""
        ballots = list(chain.from_iterable(one.right for one in taken))
        quarantined = list(chain.from_iterable(one.quarantined for one in taken))
        reasons: Counter[str] = Counter()
        for one in taken:
            reasons.update(one.reasons)
        outcome = Outcome()
        if ballots:
            outcome = self._counting.count(shard, ballots, lambda: queues.out_of_time(context))
        settled = {
            "counted": [ballot.ballot_id for ballot in outcome.counted],
            "superseded": [ballot.ballot_id for ballot in outcome.superseded],
            "quarantined": quarantined,
        }
        for name, ids in settled.items():
            self._witnessing.settled(name, ids)
        counts["BallotsCounted"] += len(outcome.counted)
        counts["BallotsSuperseded"] += len(outcome.superseded)
        counts["BallotsQuarantined"] += reasons.total()
        logs.count_by("Quarantined", "reason", reasons)
        counts["EntriesAppended"] += outcome.appended
        counts["EntriesFinished"] += outcome.finished
        counts["AppendsRefused"] += outcome.refused

    def _sort(self, queued: QueuedMessage) -> tuple[list[Ballot], list[tuple[object, str, str]]]:
        """The ballots to count, and (row, reason, detail) of those to put in quarantine."""
        right: list[Ballot] = []
        message, sent_at = queued.message, queues.sent_at_us(queued.record)
        wrong = [(row, str(refusal.code), refusal.message) for row, refusal in message.refused]
        for ballot in message.ballots:
            if (shard := shard_of(ballot.voter_id, message.shards)) != message.shard:
                detail = (
                    f"the voter belongs to shard {shard} of {message.shards}, "
                    f"the message said {message.shard}"
                )
                wrong.append((list(ballot), str(Code.WRONG_SHARD), detail))
            elif refusal := messages.ahead(ballot, sent_at):
                wrong.append((list(ballot), str(refusal.code), refusal.message))
            else:
                right.append(ballot)
        return right, wrong

    def _quarantine(
        self, record: dict[str, Any], wrong: list[tuple[object, str, str]]
    ) -> list[str]:
        """Put a message's wrong rows in quarantine, by reason: the ballot ids there are in them."""
        sent_at = queues.sent_at_us(record)
        for reason in dict.fromkeys(reason for _, reason, _ in wrong):
            lines = [
                quarantine.line_of("count", why, detail, sent_at, ballot=row)
                for row, why, detail in wrong
                if why == reason
            ]
            self._store.put(reason, sent_at, lines)
        rows = [row for row, _, _ in wrong if isinstance(row, list) and len(row) > 3]
        return [row[3] for row in rows if isinstance(row[3], str)]

    def _quarantine_message(self, record: dict[str, Any], error: messages.Unreadable) -> bool:
        try:
            sent_at, why = queues.sent_at_us(record), (error.reason, error.detail)
            line = quarantine.line_of("count", *why, sent_at, body=record["body"])
            self._store.put(error.reason, sent_at, [line])
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

    def _failed(
        self, place: str, error: Exception, records: list[dict[str, Any]], **more: object
    ) -> None:
        queues.failed(
            place,
            logs.kind_of(error),
            self._config.count_queue_url,
            records,
            **logs.cause_of(error),
            **more,
        )


def _has_ballots(by_shard: Iterable[list[QueuedMessage]]) -> bool:
    return any(one.message.ballots for one in chain.from_iterable(by_shard))


@cache
def _worker() -> Write:
    config = settings.load(WriteSettings)
    dynamodb = clients.client("dynamodb")
    journal = Journal(
        dynamodb, config.journal_table, config.votes_table, packed=config.packed_votes
    )
    store = quarantine.Quarantine(clients.client("s3"), config.quarantine_bucket)
    witnessing = witness.by_key_of(dynamodb, config.keys_table, config.witness_share)
    counting = Counting(journal, config.shards)
    return Write(config, counting, clients.client("sqs"), store, witnessing)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
