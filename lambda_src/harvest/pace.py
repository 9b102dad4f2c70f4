"""pace: one turn of an account's pacer, which gives the slots at which its calls are made.

Its last act is the message of the next turn, so Lambda sees a loop without end. What ends it: an
account whose runs are over, or can do nothing for long, gets no next turn; and runs of which turn
after turn settles nothing are stopped.
"""

from functools import cache
from typing import Any

from harvest import messages, run_rows
from harvest.accounts import Account, Accounts
from harvest.endings import Endings
from harvest.ledger import Ledger
from harvest.messages import Unreadable
from harvest.poison import Poison
from harvest.run_ledger import RunLedger
from harvest.settings import PaceSettings
from harvest.turn import Means, Turn
from harvest.turns import Turns
from shared import clients, clock, logs, queues, settings
from shared.quarantine import Quarantine
from shared.versions import NewerVersion

MARGIN_MS = 5_000  # before Lambda's end: a look, and handing over

Json = dict[str, Any]


class Pace:
    """The function's work."""

    def __init__(self, config: PaceSettings, means: Means) -> None:
        self._config, self._means = config, means

    def handle(self, event: Json, context: Any) -> Json:
        """The partial batch response to turns. An error in a turn is raised: whoever misses the
        pacer wakes another, long before the message comes back.
        """
        failed: list[str] = []
        for record in event["Records"]:
            try:
                message = messages.decode_turn(record["body"])
            except (Unreadable, NewerVersion) as error:
                url = self._config.turn_queue_url
                queues.failed("read", logs.kind_of(error), url, [record], **logs.cause_of(error))
                failed.append(record["messageId"])
                continue
            self._pace(message.account, context)
        return queues.failures(failed)

    def _pace(self, account: str, context: Any) -> None:
        """Take a turn, unless a pacer is at work, and play it."""
        now_ms, pacing = _now_ms(), self._config.pace
        seen = self._means.accounts.get(account)
        if not seen.runs or seen.is_paced(now_ms, pacing.silent_ms):
            return
        taken = self._means.accounts.take_turn(seen, now_ms)
        if taken is None:
            return
        if taken.idle_turns > pacing.idle_turns:
            self._stop(taken)
        ends_ms = now_ms + pacing.turn_seconds * 1000

        def is_over() -> bool:
            return _now_ms() >= ends_ms or context.get_remaining_time_in_millis() < MARGIN_MS

        Turn(self._means, taken).play(is_over)

    def _stop(self, account: Account) -> None:
        """Stop the runs of an account: the loop makes no progress."""
        for run_id in account.runs:
            run = self._means.runs.run(run_id)
            if run is not None and run.state == run_rows.RUNNING:
                self._means.endings.stop(
                    run_id,
                    f"{account.idle_turns - 1} turns of the pacer in a row let parcels out, or "
                    "ended early, and nothing was settled: look at the logs of pace and work and "
                    "at the dead letters of parcel, mend what they say, then resume the run",
                )


def _now_ms() -> int:
    return clock.now_us() // 1000


def means_of(config: PaceSettings, dynamodb: Any, sqs: Any, s3: Any) -> Means:
    """What a turn works with, by the settings and clients."""
    ledger = Ledger(dynamodb, config.ledger_table)
    runs = RunLedger(dynamodb, config.ledger_table)
    accounts = Accounts(dynamodb, config.accounts_table)
    return Means(
        ledger=ledger,
        runs=runs,
        accounts=accounts,
        turns=Turns(sqs, config.turn_queue_url, config.pace.silent_ms),
        poison=Poison(ledger, Quarantine(s3, config.quarantine_bucket)),
        endings=Endings(runs, accounts, sqs, config.store_queue_url),
        sqs=sqs,
        parcel_queue_url=config.parcel_queue_url,
        declared=config.limits,
        pacing=config.pace,
    )


@cache
def _worker() -> Pace:
    config = settings.load(PaceSettings)
    services = [clients.client(service) for service in ("dynamodb", "sqs", "s3")]
    return Pace(config, means_of(config, *services))


def handler(event: Json, context: Any) -> Json:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
