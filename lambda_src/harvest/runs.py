"""runs: says how far a run is; pauses, resumes and cancels it, and changes its rate."""

import math
import re
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from harvest import requests, run_rows, status
from harvest.accounts import Account, Accounts
from harvest.requests import NothingRequest, RateRequest, ResumeRequest
from harvest.run_ledger import RunLedger
from harvest.run_rows import Run, State
from harvest.settings import RunsSettings
from harvest.turns import Turns
from shared import clients, clock, http, logs, settings
from shared.http import HttpError

PASSING = (ClientError, BotoCoreError)
UNAVAILABLE = HttpError(
    503,
    "ledger-unavailable",
    "the ledger cannot be read now: ask again later",
    headers={"retry-after": "5"},
)
RUN_ID = re.compile(r"[a-z][A-Za-z0-9-]{0,79}")
GOING: tuple[State, ...] = (run_rows.RUNNING, run_rows.PAUSED, run_rows.STOPPED)

Json = dict[str, Any]


class Runs:
    """The function's work."""

    def __init__(self, config: RunsSettings, dynamodb: Any, sqs: Any) -> None:
        self._config = config
        self._runs = RunLedger(dynamodb, config.ledger_table)
        self._accounts = Accounts(dynamodb, config.accounts_table)
        self._turns = Turns(sqs, config.turn_queue_url, config.pace.silent_ms)

    def handle(self, event: Json) -> Json:
        """The answer to an HTTP request; whatever came in, never an exception."""
        return http.answered(
            "runs", lambda: http.reply(200, self._answer(event)), PASSING, UNAVAILABLE
        )

    def _answer(self, event: Json) -> Json:
        run_id = (event.get("pathParameters") or {}).get("run_id")
        if not isinstance(run_id, str) or not RUN_ID.fullmatch(run_id):
            raise _unknown(str(run_id))
        what = str(event.get("rawPath", "")).rsplit("/", 1)[-1]
        acts = {
            "pause": self._pause,
            "resume": self._resume,
            "cancel": self._cancel,
            "rate": self._rate,
        }
        if what in acts:
            http.require(event, "POST", f"/{run_id}/{what}")
            before = self._known(run_id)
            acts[what](before, event)
            self._wish(before)
        else:
            http.require(event, "GET", f"/{run_id}")
        return self._said(self._known(run_id))

    def _pause(self, run: Run, event: Json) -> None:
        requests.body_of(event, NothingRequest)
        self._lead(run, run_rows.PAUSED, "", (run_rows.RUNNING,))

    def _cancel(self, run: Run, event: Json) -> None:
        requests.body_of(event, NothingRequest)
        self._lead(run, run_rows.CANCELLED, "", GOING)

    def _resume(self, run: Run, event: Json) -> None:
        asked = requests.body_of(event, ResumeRequest)
        self._lead(run, run_rows.RUNNING, "", (run_rows.PAUSED, run_rows.STOPPED), asked.cap)

    def _rate(self, run: Run, event: Json) -> None:
        rate = requests.body_of(event, RateRequest).rate
        permitted = self._config.limits.permitted()
        if rate is not None and self._config.limits.paces and rate > permitted:
            raise HttpError(
                400,
                "rate-not-permitted",
                f"the vendor permits {permitted:g} calls a second by its declaration: ask for less",
            )
        if not self._runs.set_rate(run.run_id, rate):
            raise HttpError(409, "run-over", f"run {run.run_id} is over")

    def _lead(
        self, run: Run, state: State, reason: str, of: tuple[State, ...], cap: int | None = None
    ) -> None:
        """Lead a run to another state; one that is in it already stays. Raises HttpError 409."""
        if self._runs.set_state(run.run_id, state, reason, of=of, cap=cap):
            logs.logger().info("run led", extra={"run_id": run.run_id, "state": state})
            return
        now = self._known(run.run_id)
        if now.state != state:
            raise HttpError(
                409,
                "wrong-state",
                f"run {run.run_id} is {now.state}, which does not become {state}",
            )

    def _wish(self, before: Run) -> None:
        """Let workers and pacer know: the ones hand back, unless it leads on or makes faster; the
        other looks again, or is woken.

        Where nothing has changed, somebody asks again who was not answered: then they hand back.
        """
        now = self._known(before.run_id)
        leads_on = before.state != run_rows.RUNNING or _at_most(before) < _at_most(now)
        if now.state == run_rows.RUNNING and leads_on:
            self._accounts.ask(now.account)
        else:
            self._accounts.stop(now.account)
        account = self._accounts.get(now.account)
        self._turns.wake_unless_paced(account, clock.now_us() // 1000)

    def _known(self, run_id: str) -> Run:
        run = self._runs.run(run_id)
        if run is None:
            raise _unknown(run_id)
        return run

    def _said(self, run: Run) -> Json:
        account: Account = self._accounts.get(run.account)
        config = self._config
        return status.of(run, account, config.limits, config.pace, clock.now_us() // 1000)


def _at_most(run: Run) -> float:
    """Calls a second that a run may make, as far as it says."""
    return math.inf if run.rate is None else run.rate


def _unknown(run_id: str) -> HttpError:
    return HttpError(404, "unknown-run", f"there is no run {requests.shown(run_id)}")


@cache
def _worker() -> Runs:
    config = settings.load(RunsSettings)
    return Runs(config, clients.client("dynamodb"), clients.client("sqs"))


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
