"""work: calls the tasks of a parcel at their slots, stores the answers, commits."""

from functools import cache
from typing import Any

from harvest import answers, mending, messages, results, tree, vendors
from harvest.answers import Sorted
from harvest.caller import Caller
from harvest.calling import Called, Calling, Made
from harvest.ledger import Ledger
from harvest.messages import ParcelMessage, Unreadable
from harvest.parcels import Parcel, Settlement, Task
from harvest.run_ledger import RunLedger
from harvest.settings import WorkSettings
from harvest.threads import Threads
from harvest.token import NoToken, TokenRefused, Tokens
from harvest.turns import Turns
from harvest.watch import Watch, now_ms
from shared import clients, fanout, logs, quarantine, queues, settings
from shared.quarantine import Quarantine
from shared.versions import NewerVersion

QUEUE_CLOCK_MS = 100  # how far the queue's clock may be off ours, beyond what ours may
LONGEST_START_MS = 3_000  # from the receive to the handler: a cold start, or a clock that is fast
MOST_EXCERPT = 2_000  # characters of an answer that go to quarantine

Json = dict[str, Any]


class Work:
    """The function's work; one a worker, because connections and the token are kept."""

    def __init__(
        self, config: WorkSettings, dynamodb: Any, s3: Any, sqs: Any, calling: Calling
    ) -> None:
        self._config, self._dynamodb, self._s3, self._calling = config, dynamodb, s3, calling
        self._ledger = Ledger(dynamodb, config.ledger_table)
        self._runs = RunLedger(dynamodb, config.ledger_table)
        self._turns = Turns(sqs, config.turn_queue_url, config.pace.silent_ms)
        self._quarantine = Quarantine(s3, config.quarantine_bucket)
        self._since: dict[str, int | None] = {}

    def handle(self, event: Json, _context: Any) -> Json:
        """The partial batch response to an event of the parcel queue.

        What fails is delivered again, and dropped then: the pacer lets its parcel out again.
        """
        failed = []
        for record in event["Records"]:
            try:
                self._take(record)
            except (Unreadable, NewerVersion) as error:
                self._failed("read", error, record)
                failed.append(record["messageId"])
            except Exception as error:
                self._failed("work", error, record)
                failed.append(record["messageId"])
        return queues.failures(failed)

    def _take(self, record: Json) -> None:
        message = messages.decode_parcel(record["body"])
        last, now = message.slots[-1], now_ms()
        is_clock_right = _is_clock_right(record, now, self._config.pace.clock_ms)
        if not is_clock_right or now > last + self._config.pace.tolerance_ms:
            logs.count({"ParcelsDropped": 1})
            return
        end = self._config.pace.end_ms(last)
        parcel = self._ledger.claim(message.run_id, message.parcel, message.claim, end)
        if parcel is None:
            logs.count({"ParcelsDropped": 1})
            return
        watch = Watch(
            self._dynamodb,
            self._config.accounts_table,
            self._config.vendor.account,
            message.stops,
            self._config.pace.clock_ms,
        )
        made = self._called(parcel, message, watch)
        found = answers.sort(made.called, self._calling.vendor, self._config.pace.attempts)
        try:
            self._settle(parcel, message, found)
        finally:
            self._calling.finish(made)
        self._after(made, message, watch)

    def _called(self, parcel: Parcel, message: ParcelMessage, watch: Watch) -> Made:
        """The parcel's calls; where there is no token nothing was called."""
        try:
            since_ms = self._since_of(message.run_id)
            return self._calling.at_slots(parcel, message, watch, since_ms)
        except NoToken as error:
            logs.logger().info("no token yet", extra={"detail": str(error)})
        except TokenRefused as error:
            self._stop(message.run_id, error)
        return Made([Called(task) for task in parcel.tasks])

    def _settle(self, parcel: Parcel, message: ParcelMessage, found: Sorted) -> None:
        """Store the answers, put the children, commit: in this order, and the last one decides."""
        run_id, claim = message.run_id, message.claim
        if found.anew:
            found.fresh += self._not_known(run_id, parcel.group, found.anew)
        key = self._store(run_id, parcel, claim, found)
        self._put_away(run_id, parcel, claim, found)
        most = self._config.pace.tasks_of(self._config.limits)
        children = answers.children(parcel.id, claim, found, most, now_ms())
        groups = answers.group_parcels(found)
        self._ledger.put_children(run_id, children)
        fanout.each(lambda group: self._ledger.put_group(run_id, group), groups)
        settlement = Settlement(
            found.outcomes,
            len(children),
            [group.id for group in groups],
            key,
            found.calls,
            found.throttled,
            found.causes,
        )
        committed = self._ledger.commit(run_id, parcel.id, claim, settlement)
        _count(found, committed)

    def _store(self, run_id: str, parcel: Parcel, claim: int, found: Sorted) -> str:
        """Put the parcel's one object, if it has an answer: its key."""
        if not found.lines:
            return ""
        key = results.parcel_key(run_id, parcel.group, parcel.id, claim)
        self._s3.put_object(
            Bucket=self._config.results_bucket,
            Key=key,
            Body=results.packed(found.lines),
            ContentType=results.TYPE,
        )
        return key

    def _put_away(self, run_id: str, parcel: Parcel, claim: int, found: Sorted) -> None:
        """Put what failed into quarantine, each task alone, so that each is tried again alone.

        It has failed if the parcel was committed under this claim.
        """
        for one, cause in found.failed:
            task = {"level": one.task.level, "path": one.task.path, "page": one.task.page}
            detail = one.body[:MOST_EXCERPT].decode("utf-8", "replace")
            at_us = one.at_ms * 1000
            more = {"run_id": run_id, "parcel": parcel.id, "claim": claim, "task": task}
            line = quarantine.line_of("work", cause, detail, at_us, **more)
            self._quarantine.put(cause, at_us, [line])

    def _not_known(self, run_id: str, group: str, tasks: list[Task]) -> list[Task]:
        """Those of a listing made anew that no parcel of the group has yet."""
        parcels = tree.of_group(self._ledger, run_id, group)
        known = {(task.level, task.path) for parcel in parcels for task in parcel.tasks}
        return [task for task in tasks if (task.level, task.path) not in known]

    def _after(self, made: Made, message: ParcelMessage, watch: Watch) -> None:
        """What the calls have shown of the account: it is told once they are committed."""
        watch.tell()
        self._turns.wake_if_missed(watch.account, now_ms())
        if made.token is None:
            return
        if made.answers("ok", "gone"):
            self._calling.tokens.answered(made.token)
        if made.answers("unauthorised"):
            try:
                self._calling.tokens.refused(made.token)
            except TokenRefused as error:
                self._stop(message.run_id, error)

    def _stop(self, run_id: str, error: TokenRefused) -> None:
        """Stop the run until a person has mended the secret; whoever is first says so."""
        reason = f"{error}: {mending.WHAT_TO_DO}"
        if self._runs.stop(run_id, reason):
            logs.count_always("RunsStopped", 1)
            logs.failed("token", "TokenRefused", self._config.parcel_queue_url, 1, detail=reason)

    def _since_of(self, run_id: str) -> int | None:
        """From when on answers are wanted (ms since the epoch); None: all."""
        if run_id not in self._since:
            run = self._runs.run(run_id)
            self._since = {run_id: run.since if run else None}
        return self._since[run_id]

    def _failed(self, place: str, error: Exception, record: Json) -> None:
        cause = logs.cause_of(error)
        kind, queue = logs.kind_of(error), self._config.parcel_queue_url
        queues.failed(place, kind, queue, [record], **cause)


def _is_clock_right(record: Json, now: int, clock_ms: int) -> bool:
    """Whether a slot may be kept by this worker's clock, as far as the queue's own can tell.

    Only of a message's first receive: later ones say nothing, and have lost their slots anyway.
    """
    attributes = record["attributes"]
    first = int(attributes["ApproximateFirstReceiveTimestamp"])
    is_first = int(attributes["ApproximateReceiveCount"]) == 1
    return is_first and first - clock_ms - QUEUE_CLOCK_MS <= now <= first + LONGEST_START_MS


def _count(found: Sorted, committed: bool) -> None:
    logs.count(
        {
            "CallsMade": found.calls,
            "CallsThrottled": found.throttled,
            "SlotsLost": len(found.back) - found.throttled,
            "TasksFailed": len(found.failed),
            "CommitsRefused": int(not committed),
        }
    )


@cache
def _worker() -> Work:
    config = settings.load(WorkSettings)
    dynamodb, s3, sqs = (clients.client(name) for name in ("dynamodb", "s3", "sqs"))
    vendor, most = vendors.named(config.vendor.name), config.pace.tasks_a_parcel
    caller = Caller(config.vendor.url, config.pace.call_ms / 1000, most)
    tokens = Tokens(
        dynamodb,
        clients.client("secretsmanager"),
        config.accounts_table,
        config.vendor.account,
        config.vendor_secret_arn,
        vendor,
        caller,
    )
    windows = [limit.seconds for limit in config.limits.paces]
    windows += [config.limits.adaptive.window_seconds] if config.limits.adaptive else []
    calling = Calling(
        vendor, caller, tokens, Threads(most + 1), config.pace, max(windows, default=60.0)
    )
    return Work(config, dynamodb, s3, sqs, calling)


def handler(event: Json, context: Any) -> Json:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
