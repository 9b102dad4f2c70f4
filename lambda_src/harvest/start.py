"""start: begins a run, by its schedule or by POST /v1/runs; each minute it wakes a silent pacer."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from harvest import minutes, parcels, requests, run_rows, vendors
from harvest.accounts import Accounts
from harvest.ledger import Ledger, NotAllPut
from harvest.mending import Mending
from harvest.parcels import Parcel, Task, parcel_of
from harvest.requests import StartRequest
from harvest.run_ledger import Name, RootsBusy, RunLedger
from harvest.run_rows import Run
from harvest.settings import StartSettings
from harvest.turns import Turns
from shared import clients, clock, http, logs, settings
from shared.http import HttpError

PASSING = (ClientError, BotoCoreError, NotAllPut, RootsBusy)
UNAVAILABLE = HttpError(
    503,
    "ledger-unavailable",
    "the ledger cannot be written now: ask again later",
    headers={"retry-after": "5"},
)

Json = dict[str, Any]


class Roots(Protocol):
    """What start asks of a vendor, see `vendor.Vendor`."""

    def roots(self) -> Sequence[Task]: ...

    def group(self, name: str) -> Task: ...


class Start:
    """The function's work."""

    def __init__(
        self, config: StartSettings, vendor: Roots, mending: Mending, dynamodb: Any, sqs: Any
    ) -> None:
        self._config, self._vendor, self._mending = config, vendor, mending
        self._account = config.vendor.account
        self._ledger = Ledger(dynamodb, config.ledger_table)
        self._runs = RunLedger(dynamodb, config.ledger_table)
        self._accounts = Accounts(dynamodb, config.accounts_table)
        self._turns = Turns(sqs, config.turn_queue_url, config.pace.silent_ms)

    def handle(self, event: Json) -> Json:
        """The answer to an HTTP request, never an exception; a call of the schedule may raise."""
        if "requestContext" not in event:
            return self._scheduled(event)
        return http.answered("start", lambda: self._asked(event), PASSING, UNAVAILABLE)

    def _asked(self, event: Json) -> Json:
        http.require(event, "POST", "/v1/runs")
        status, body = self._start(requests.body_of(event, StartRequest))
        return http.reply(status, body)

    def _scheduled(self, event: Json) -> Json:
        """Start a run, or look after the pacer.

        A run that is under way is no error: the schedule may call twice.
        """
        if event.get("wake") is True:
            self._look_after()
            return {}
        try:
            return self._start(requests.read_as(StartRequest, event))[1]
        except HttpError as error:
            if error.code != "run-running":
                raise
            logs.logger().warning("not started", extra={"reason": error.message})
            return error.details

    def _start(self, asked: StartRequest) -> tuple[int, Json]:
        """Start a run, or add to one: the status and body of the answer. Raises HttpError."""
        known = self._runs.name(asked.name)
        last = self._runs.run(known.last) if known.last else None
        if last is not None and not last.is_over:
            self._heal(last)
            if asked.if_running == "add":
                return self._add(last, asked)
            if asked.if_running == "refuse":
                raise HttpError(
                    409,
                    "run-running",
                    f"run {last.run_id} of that name is {last.state}: wait, cancel it, or set "
                    'if_running to "add" (groups) or "another"',
                    {"run_id": last.run_id},
                )
        since = known.since
        if last is not None and last.state == run_rows.COMPLETED:
            since = max(since or 0, last.started)
        return self._begin(asked, known, since)

    def _begin(self, asked: StartRequest, known: Name, since: int | None) -> tuple[int, Json]:
        """Put a run, its name first: of two who start one at a time, one does."""
        now_us = clock.now_us()
        at = datetime.fromtimestamp(now_us // 1_000_000, UTC)
        run_id = f"{asked.name}-{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        if not self._runs.take_name(asked.name, Name(run_id, since), known.last):
            message = "another run of that name was started just now"
            raise HttpError(409, "run-running", message)
        run = Run(
            run_id,
            asked.name,
            self._account,
            run_rows.RUNNING,
            now_us // 1000,
            asked.cap or self._config.most_calls,
            roots=1,
            rate=asked.rate,
            since=since if asked.since else None,
        )
        roots = [] if asked.groups else [[task] for task in self._vendor.roots()]
        self._ledger.put_root(run_id, 0, run_id, self._groups(asked.groups or ()), roots)
        self._runs.create(run)
        self._pace(run_id)
        logs.logger().info("run started", extra={"run_id": run_id})
        return 201, {"run_id": run_id, "state": run.state, "since": run.since}

    def _add(self, run: Run, asked: StartRequest) -> tuple[int, Json]:
        if not asked.groups:
            raise HttpError(400, "no-groups", "name the groups to add to the run that is under way")
        groups = self._groups(asked.groups)
        if not self._runs.add_groups(run.run_id, secrets.token_hex(8), groups):
            raise HttpError(409, "run-over", f"run {run.run_id} has ended just now: start another")
        self._pace(run.run_id)
        return 200, {"run_id": run.run_id, "state": run.state, "added": len(groups)}

    def _groups(self, names: Sequence[str]) -> list[Parcel]:
        tasks = [self._vendor.group(name) for name in dict.fromkeys(names)]
        return [parcel_of(parcels.group_id(task.group), [task]) for task in tasks]

    def _pace(self, run_id: str) -> None:
        """Have the account's pacer pace a run: it has, or is woken."""
        self._accounts.add_run(self._account, run_id)
        self._accounts.ask(self._account)  # a pacer that is about to rest looks again
        self._turns.wake_unless_paced(self._accounts.get(self._account), clock.now_us() // 1000)

    def _heal(self, run: Run) -> None:
        """Whoever started it may have died before the pacer knew of it."""
        if run.run_id not in self._accounts.get(self._account).runs:
            self._pace(run.run_id)

    def _look_after(self) -> None:
        """Wake a pacer that is missed, and lead on what was stopped for a secret that is mended.

        Say how long the pacer was not heard of, and how fast it is.
        """
        account, now_ms = self._accounts.get(self._account), clock.now_us() // 1000
        if self._turns.wake_if_missed(account, now_ms):
            logs.logger().warning("pacer missed", extra={"turn": account.turn})
        rows = [self._runs.run(run_id) for run_id in account.runs]
        self._lead_on([run for run in rows if run is not None])
        running = [run for run in rows if run is not None and run.state == run_rows.RUNNING]
        if running and account.sleeps_for_good:  # who led one on has died before waking it
            self._turns.wake(account, now_ms)
        age = minutes.beat_age_seconds(account, running, now_ms)
        limits, pace = self._config.limits, self._config.pace
        percent = minutes.rate_percent(account, running, limits, pace, now_ms)
        metrics = logs.metrics()
        metrics.add_metric("BeatAgeSeconds", MetricUnit.Seconds, age)
        metrics.add_metric("RunsRunning", MetricUnit.Count, len(running))
        if percent is not None:
            metrics.add_metric("RatePercent", MetricUnit.Percent, percent)
        metrics.flush_metrics()

    def _lead_on(self, runs: Sequence[Run]) -> None:
        """Let runs go on that were stopped for the vendor's secret, once it is mended."""
        stopped = [run for run in runs if run.state == run_rows.STOPPED]
        waiting = [run for run in stopped if self._mending.is_about(run.reason)]
        if not waiting or not self._mending.is_mended():
            return
        for run in waiting:
            if self._runs.set_state(run.run_id, run_rows.RUNNING, "", of=[run_rows.STOPPED]):
                self._pace(run.run_id)
                logs.logger().info("run resumed", extra={"run_id": run.run_id})


@cache
def _worker() -> Start:
    config = settings.load(StartSettings)
    vendor, dynamodb = vendors.named(config.vendor.name), clients.client("dynamodb")
    account = config.accounts_table, config.vendor.account
    secrets_manager = clients.client("secretsmanager")
    mending = Mending(dynamodb, secrets_manager, *account, config.vendor_secret_arn)
    return Start(config, vendor, mending, dynamodb, clients.client("sqs"))


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
