"""process: judges whatever reached the ingest queue.

It quarantines what breaks a rule, and packs the rest by shard onto the count queue.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from shared import clients, logs, queues, settings, witness
from shared.quarantine import Quarantine, QuarantineStore
from shared.queues import OutgoingMessage
from shared.witness import Witnessing
from votes import messages, reserved
from votes.ballot import Ballot, Code, Refusal
from votes.batch import Batch
from votes.catalogue import Catalogue, Window
from votes.messages import CountMessage
from votes.settings import ProcessSettings
from votes.shards import shard_of

# how many between two checks of the time
RECORDS_A_CHECK = 64
MESSAGES_A_CHECK = 10

Json = dict[str, Any]


class Outgoing(NamedTuple):
    """Ballots of one shard for the count queue, side by side with the records they came in."""

    ballots: list[Ballot]
    sources: list[int]


class Process:
    """The function's work; one a worker, because the catalogue is remembered."""

    def __init__(
        self,
        config: ProcessSettings,
        sqs: Any,
        store: QuarantineStore,
        catalogue: Catalogue,
        witnessing: Witnessing,
    ) -> None:
        self._config, self._sqs, self._store, self._catalogue = config, sqs, store, catalogue
        self._witnessing = witnessing
        self._rules = config.rules()
        unlisted = Refusal(Code.UNKNOWN_TITLE, "the title is not in the catalogue")
        self._unlisted = unlisted if config.unlisted_titles == "quarantine" else None

    def handle(self, event: Json, context: Any) -> Json:
        """The partial batch response to an event of the ingest queue.

        A message succeeds when each of its ballots is on the count queue or in quarantine.
        """
        queues.out_of_time(context)
        batch = Batch(event["Records"])
        self._read(batch, context)
        sent = self._send(batch, self._sort(batch), context)
        quarantined = batch.put_quarantined(self._store, self._witnessing, context)
        self._report(batch, sent, quarantined)
        failed = batch.failed_records()
        if failed:
            queues.back_off(self._sqs, self._config.ingest_queue_url, failed, context=context)
        return queues.failures(record["messageId"] for record in failed)

    def _read(self, batch: Batch, context: Any) -> None:
        """Make ballots of the messages, by the rules."""
        for source, record in enumerate(batch.records):
            if source % RECORDS_A_CHECK == 0 and queues.out_of_time(context):
                batch.fail(range(source, len(batch.records)), "read", "OutOfTime")
                return
            try:
                sent_at = queues.sent_at_us(record)
                sent = messages.decode_sent(record["body"], self._rules, sent_at)
                if sent is None:
                    self._read_one_by_one(batch, source, record["body"], sent_at)
                else:
                    batch.add(source, *sent)
            except messages.Unreadable as error:
                batch.quarantine_message(source, error)
            except Exception as error:  # one message nobody foresaw must not fail the others
                batch.fail([source], "read", logs.kind_of(error), **logs.cause_of(error))

    def _read_one_by_one(self, batch: Batch, source: int, body: str, sent_at: int) -> None:
        """What receive would not have sent just so: each ballot is judged by itself."""
        received_at, raws = messages.decode_ingest(body, sent_at=sent_at)
        for index, raw in enumerate(raws):
            ballot = self._rules.read(raw, now_us=received_at, index=index, queued=True)
            if isinstance(ballot, Ballot):
                ballot = messages.ahead(ballot, sent_at) or ballot
            if isinstance(ballot, Refusal):
                batch.quarantine(source, ballot, received_at, raw, index)
            else:
                batch.add(source, received_at, [ballot])

    def _sort(self, batch: Batch) -> dict[int, Outgoing]:
        """Judge the ballots by the catalogue; those that may count, by shard."""
        by_shard: dict[int, Outgoing] = defaultdict(lambda: Outgoing([], []))
        waiting: set[int] = set()  # for the catalogue
        titles: set[str] = set()
        for _, _, ballots in batch.taken:
            titles.update([ballot.title_id for ballot in ballots])
        windows, error = self._catalogue.windows(titles)
        shards, unlisted, unread = self._config.shards, self._unlisted, Window(None, None)
        for source, received_at, ballots in batch.taken:
            try:
                for ballot in ballots:
                    window = windows.get(ballot.title_id, unread)
                    if window is unread:
                        waiting.add(source)
                        continue
                    refusal = window.refusal(received_at) if window else unlisted
                    if refusal and (window or ballot.title_id != reserved.TITLE):
                        batch.quarantine(source, refusal, received_at, ballot._asdict())
                        continue
                    of_shard, sources = by_shard[shard_of(ballot.voter_id, shards)]
                    of_shard.append(ballot)
                    sources.append(source)
            except Exception as unforeseen:  # as in _read: it fails its own message alone
                cause = logs.cause_of(unforeseen)
                batch.fail([source], "judge", logs.kind_of(unforeseen), **cause)
        if error is not None:
            batch.fail(waiting, "catalogue", logs.kind_of(error), **logs.cause_of(error))
        return by_shard

    def _send(self, batch: Batch, by_shard: dict[int, Outgoing], context: Any) -> int:
        """Put the ballots on the count queue: how many it took.

        A message that is not taken fails all its sources.
        """
        outgoing = list(self._outgoing(by_shard))
        sent = 0
        for start in range(0, len(outgoing), MESSAGES_A_CHECK):
            if queues.out_of_time(context):
                for _, sources in outgoing[start:]:
                    batch.fail(sources, "send", "OutOfTime")
                break
            some = outgoing[start : start + MESSAGES_A_CHECK]
            unsent = queues.send_all(
                self._sqs, self._config.count_queue_url, [message for message, _ in some]
            )
            for number, (_, sources) in enumerate(some):
                if number in unsent:
                    batch.fail(sources, "send", "NotSent")
                else:
                    sent += len(sources)
        return sent

    def _outgoing(
        self, by_shard: dict[int, Outgoing]
    ) -> Iterator[tuple[OutgoingMessage, list[int]]]:
        """The count messages, each with the records of its ballots."""
        for shard, (ballots, sources) in sorted(by_shard.items()):
            start = 0
            for part in messages.in_messages(ballots, self._rules):
                body = messages.encode_count(CountMessage(shard, self._config.shards, list(part)))
                yield (
                    OutgoingMessage(body, str(shard), sha256(body.encode()).hexdigest()),
                    sources[start : start + len(part)],
                )
                start += len(part)

    def _report(self, batch: Batch, sent: int, quarantined: Counter[str]) -> None:
        """Write the log: counters, failures, and at level INFO what was done."""
        logs.count({"BallotsProcessed": sent, "BallotsQuarantined": quarantined.total()})
        logs.count_by("Quarantined", "reason", quarantined)
        for (place, kind), (sources, cause) in batch.problems.items():
            queues.failed(
                place, kind, self._config.ingest_queue_url, batch.records_of(sources), **cause
            )
        extra = {
            "messages": len(batch.records),
            "ballots": sent,
            "quarantined": quarantined.total(),
            "failed": len(batch.failed),
        }
        logs.logger().info("processed", extra=extra)


@cache
def _worker() -> Process:
    config = settings.load(ProcessSettings)
    store = Quarantine(clients.client("s3"), config.quarantine_bucket)
    dynamodb = clients.client("dynamodb")
    witnessing = witness.by_key_of(dynamodb, config.keys_table, config.witness_share)
    catalogue = Catalogue(dynamodb, config.catalogue_table)
    return Process(config, clients.client("sqs"), store, catalogue, witnessing)


def handler(event: Json, context: Any) -> Json:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
