"""One turn of an account's pacer: look, fold, prove the end, grant, and only then send."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from harvest import accounts, adaptive, messages, run_rows
from harvest.accounts import Account, Accounts, Granted
from harvest.endings import Endings
from harvest.frontier import Frontier, RowMissing
from harvest.ledger import Ledger, NotAllPut
from harvest.limits import Declaration
from harvest.messages import ParcelMessage
from harvest.parcels import Parcel
from harvest.poison import Poison
from harvest.progress import Progress, Share
from harvest.release import Between, Release
from harvest.run_ledger import RunLedger
from harvest.run_rows import Run
from harvest.settings import Pacing
from harvest.slots import Slots
from harvest.turns import Turns
from shared import clock, dynamo, logs, queues

BEAT_MS = 1_000  # a pacer with nothing to grant says so as often
MOST_VAIN_LOOKS = 40  # in a row, of a table that is throttled
WAKE_EARLY_MS = 60_000  # the schedule wakes once a minute


class TurnLost(Exception):
    """Somebody else has taken a later turn."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a turn works with."""

    ledger: Ledger
    runs: RunLedger
    accounts: Accounts
    turns: Turns
    poison: Poison
    endings: Endings
    sqs: Any
    parcel_queue_url: str
    declared: Declaration
    pacing: Pacing


class Turn:
    """A turn that was taken. It knows nothing but the rows; `account` is the account's then."""

    def __init__(self, means: Means, account: Account) -> None:
        self._means, self._account, self._turn = means, account, account.turn
        self._granted = replace(account.granted, sent={})
        self._sent_before = account.granted.sent
        self._slots = Slots(means.declared, means.pacing, self._granted.used)
        self._slots.granted = self._granted.until
        self._floor = self._granted.until  # what earlier turns granted is below
        self._release = Release(self._slots, means.declared.concurrency)
        self._frontiers: dict[str, Frontier] = {}
        self._progress: dict[str, Progress] = {}
        self._lost: set[str] = set()  # runs whose rows are not whole
        self._share = Share()
        self._beat = 0
        self._has_looked = False
        self._vain = 0

    def play(self, is_over: Callable[[], bool]) -> None:
        """Pace until it `is_over`, then hand over; or until there is nothing left to pace."""
        while True:
            began_ms = _now_ms()
            if self._step(is_over):
                return
            spent_ms = _now_ms() - began_ms
            clock.sleep(max(0, self._means.pacing.tick_ms - spent_ms) / 1000)

    def _step(self, is_over: Callable[[], bool]) -> bool:
        """One look; whether the turn has ended."""
        try:
            ended = self._look_and_let_out() or (is_over() and self._hand_over())
        except TurnLost:
            return True  # another pacer is at work: what was granted here and not sent stays unused
        except (dynamo.Throttled, NotAllPut, ClientError) as error:
            if isinstance(error, ClientError) and not dynamo.is_throttle(error):
                raise
            self._vain += 1
            if self._vain >= MOST_VAIN_LOOKS:
                raise
            logs.logger().warning("looked in vain", extra={"place": "pace", **logs.cause_of(error)})
            return False
        self._vain = 0
        return ended

    def _look_and_let_out(self) -> bool:
        account = self._means.accounts.get(self._account.account)
        if account.turn != self._turn:
            raise TurnLost
        self._account = account
        self._look()
        self._has_looked = True
        for run_id, frontier in list(self._frontiers.items()):
            self._means.poison.treat(frontier, self._turn)
            self._progress[run_id].write(frontier, self._turn)
            if self._means.endings.end(frontier, account.account, self._turn):
                del self._frontiers[run_id]
        now = _now_ms()
        if not self._has_work(account) or self._may_rest(now):
            return self._rest(now)
        self._let_out(now)
        self._measure(now)
        return False

    def _look(self) -> None:
        """Take in what happened to each run of the account."""
        for run_id in self._account.runs:
            if run_id in self._lost:
                continue
            try:
                self._look_at(run_id)
            except RowMissing as error:
                self._lost.add(run_id)
                self._frontiers.pop(run_id, None)
                self._means.endings.stop(run_id, str(error))

    def _look_at(self, run_id: str) -> None:
        means = self._means
        frontier = self._frontiers.get(run_id)
        if frontier is not None:
            run, rows = means.ledger.look(run_id, frontier.out)
        else:
            run, rows = self._adopted(run_id)
        if run is None:
            means.accounts.remove_run(self._account.account, run_id)
            return
        if frontier is None:
            frontier = self._frontiers[run_id] = Frontier(run, means.pacing)
            frontier.begin(self._sent_before.get(run_id, {}))
            self._progress[run_id] = Progress(means.runs)
        fetch = lambda ids: means.ledger.parcels(run_id, ids)  # noqa: E731
        frontier.look(run, rows, fetch, _now_ms())

    def _adopted(self, run_id: str) -> tuple[Run | None, dict[str, Parcel]]:
        """All rows of a run, whose counts earlier turns cannot write any more."""
        if not self._means.runs.adopt(run_id, self._turn) and self._means.runs.run(run_id):
            raise TurnLost
        return self._means.ledger.read(run_id, self._beat_at_times)

    def _beat_at_times(self) -> None:
        """Say that the pacer lives. Raises TurnLost."""
        now = _now_ms()
        if now >= self._beat + BEAT_MS:
            self._grant(now)

    def _grant(self, now: int) -> None:
        """Write what is granted. Raises TurnLost."""
        idle, account = self._is_idle(now), self._account.account
        if not self._means.accounts.grant(account, self._turn, self._granted, now, idle=idle):
            raise TurnLost
        self._beat = now

    def _let_out(self, now: int) -> None:
        """Grant slots to waiting parcels, then send them. Raises TurnLost."""
        pacing, account = self._means.pacing, self._account
        self._adapt(now)
        start = max(now + pacing.lead_ms, account.until, self._floor)
        between = Between(now, start, now + pacing.lead_ms + pacing.ahead_ms)
        self._slots.forget(now - pacing.call_ms)
        sent = self._release.let_out(self._frontiers.values(), between, account.stops)
        self._granted.until = max(self._granted.until, self._slots.granted)
        if sent or now >= self._beat + BEAT_MS:
            self._grant(now)
        self._send(sent)

    def _send(self, sent: Sequence[ParcelMessage]) -> None:
        """What the queue does not take is let out again once its slots are over."""
        if sent:
            outgoing = [messages.encode_parcel(message) for message in sent]
            queues.send_all(self._means.sqs, self._means.parcel_queue_url, outgoing)

    def _adapt(self, now: int) -> None:
        if self._means.declared.adaptive:
            found = adaptive.adapted(
                self._means.declared.adaptive, self._granted.found, self._account.throttles, now
            )
            self._granted.found, self._slots.rate = found, found.rate

    def _measure(self, now: int) -> None:
        """Say how much of what is permitted is used; nothing while the vendor is closed."""
        is_closed = self._account.until > now or self._slots.next_window(now) > now
        found, declared = self._granted.found, self._means.declared
        permitted = min(declared.permitted(), found.rate) if found else declared.permitted()
        made = sum(self._progress[run_id].recent for run_id in self._frontiers)
        self._share.look(self._frontiers.values(), made, 0.0 if is_closed else permitted)

    def _is_idle(self, now: int) -> bool:
        """Whether nothing was settled in this turn yet, though something could have been."""
        frontiers = self._frontiers.values()
        if any(frontier.newly_settled for frontier in frontiers):
            return False
        return (
            not self._has_looked
            or any(frontier.out for frontier in frontiers)
            or self._next(now) <= now
        )

    def _has_work(self, account: Account) -> bool:
        return bool(self._frontiers) or any(run not in self._lost for run in account.runs)

    def _may_rest(self, now: int) -> bool:
        """Whether nothing is out, and nothing can be let out for long."""
        if any(frontier.out for frontier in self._frontiers.values()):
            return False
        return self._next(now) - now > self._means.pacing.doze_seconds * 1000

    def _next(self, now: int) -> float:
        """When something can be let out at the earliest."""
        running = [
            frontier
            for frontier in self._frontiers.values()
            if frontier.run.state == run_rows.RUNNING
        ]
        ready = min((frontier.next_ready(now) for frontier in running), default=accounts.NEVER_MS)
        return max(min(ready, accounts.NEVER_MS), self._account.until, self._slots.next_window(now))

    def _rest(self, now: int) -> bool:
        """End without a successor; False where somebody has just wished for one."""
        asleep = int(self._next(now)) - WAKE_EARLY_MS if self._frontiers else 0
        return self._means.accounts.rest(self._account, self._granted, now, max(0, asleep))

    def _hand_over(self) -> bool:
        """Let the next turn begin at once, and know what was sent."""
        for run_id, frontier in self._frontiers.items():
            self._progress[run_id].write(frontier, self._turn, now=True)
        sent = {run: frontier.sent() for run, frontier in self._frontiers.items()}
        granted = Granted(self._granted.until, self._granted.used, self._granted.found, sent)
        account = self._account.account
        if self._means.accounts.grant(
            account, self._turn, granted, 0, idle=self._is_idle(_now_ms())
        ):
            self._means.turns.hand_over(account, self._turn)
        return True


def _now_ms() -> int:
    return clock.now_us() // 1000
