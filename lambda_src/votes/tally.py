"""tally: woken by a tick or by the schedule, folds what is new in the journal into the tallies."""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from shared import clients, clock, logs, queues, settings
from shared.versions import NewerVersion
from votes import messages
from votes.folding import Folding, Past, Progress
from votes.journal import Journal
from votes.settings import TallySettings
from votes.tallies import Tallies

# receives of a tick in which it may come again for what there was no time for; more, up to its
# queue's most, are for failures
TURNS = 3


class Tally:
    """The function's work; one a worker, because its pace is remembered."""

    def __init__(self, config: TallySettings, folding: Folding, sqs: Any) -> None:
        self._config, self._folding, self._sqs = config, folding, sqs

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The partial batch response to ticks.

        For a call of the schedule, which has none, an error is raised.
        """
        records = event.get("Records", [])
        (failed, titles), kept = self._read(records), list[dict[str, Any]]()
        try:
            known = [record for record in records if record not in failed]
            if (known or not records) and self._fold(context, not records, titles):
                kept = _tick_to_keep(known)
        except Exception as error:
            queues.failed(
                "fold",
                logs.kind_of(error),
                self._config.tick_queue_url,
                records,
                **logs.cause_of(error),
            )
            if not records:
                raise
            failed = records
        if again := failed + kept:
            queues.back_off(self._sqs, self._config.tick_queue_url, again, context=context)
        return queues.failures(_ids(failed), kept=_ids(kept))

    def _read(self, records: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], bool]:
        """The ticks that only a later release may take, which hold up no others; and whether one of
        the others asks for titles.
        """
        newer, titles = list[dict[str, Any]](), False
        for record in records:
            try:
                titles |= messages.asks_for_titles(record["body"])
            except NewerVersion as error:
                queues.failed(
                    "read",
                    logs.kind_of(error),
                    self._config.tick_queue_url,
                    [record],
                    **logs.cause_of(error),
                )
                newer.append(record)
        return newer, titles

    def _fold(self, context: Any, look_past_heads: bool, titles: bool) -> bool:
        """Fold once (the `titles` in any case), and again while there may be more and half of the
        time is left.

        Whether there may be more still.
        """
        quarter_us = context.get_remaining_time_in_millis() * 1000 // 4
        began = clock.now_us()
        folds: list[Progress] = []
        try:
            while not folds or (folds[-1].more and clock.now_us() < began + 2 * quarter_us):
                folds.append(self._folding.fold(quarter_us, titles))
            past = self._folding.look_past_heads() if look_past_heads else Past(None, {})
        except Exception:
            if folds:
                _report(folds, None)
            raise
        folds[-1].stopped |= past.lost
        _report(folds, past.unfinished_since)
        return folds[-1].more


def _ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["messageId"] for record in records]


def _tick_to_keep(ticks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tick to leave on the queue when there is more to fold than there was time for.

    Without it the next fold is the schedule's.
    """
    receives = [int(tick["attributes"]["ApproximateReceiveCount"]) for tick in ticks]
    least = min(receives, default=TURNS)
    return [ticks[receives.index(least)]] if least < TURNS else []


def _report(folds: list[Progress], unfinished_us: int | None) -> None:
    """Write one line of metrics; and for shards that stopped one each, and one error line.

    An entry that is unfinished since `unfinished_us` lags too.
    """
    last = folds[-1]
    closed = [fold for fold in folds if fold.ballots or fold.titles]
    lag_us = max(
        (clock.now_us() - since for since in (last.oldest_us, unfinished_us) if since), default=0
    )
    metrics = logs.metrics()
    metrics.add_metric("FoldLagSeconds", MetricUnit.Seconds, max(0, lag_us) / 1_000_000)
    for name, n in (
        ("EntriesBehind", last.behind),
        ("ShardsStopped", len(last.stopped)),
        ("Epochs", len(closed)),
        ("EpochBallots", sum(fold.ballots for fold in closed)),
        ("EpochTitles", sum(fold.titles for fold in closed)),
    ):
        metrics.add_metric(name, MetricUnit.Count, n)
    metrics.flush_metrics()
    if last.stopped:
        logs.count_by("ShardStopped", "shard", {str(shard): 1 for shard in last.stopped})
        logs.logger().error(
            "shards stopped",
            extra={"stopped": {str(shard): why for shard, why in sorted(last.stopped.items())}},
        )


@cache
def _worker() -> Tally:
    config = settings.load(TallySettings)
    client = clients.client("dynamodb")
    journal = Journal(client, config.journal_table, config.votes_table)
    folding = Folding(
        journal,
        Tallies(client, config.tallies_table),
        config.shards,
        config.epoch_changes,
        fold_seconds=config.fold_seconds,
    )
    return Tally(config, folding, clients.client("sqs"))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
