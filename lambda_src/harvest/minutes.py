"""What is said each minute of the runs on an account, for alarms: is it paced, and fast enough?"""

from collections.abc import Sequence

from harvest.accounts import Account
from harvest.limits import Declaration
from harvest.run_rows import Run
from harvest.settings import Pacing

WORK_SECONDS = 60.0  # of calls that are left: with less, nobody can be at the permitted rate


def beat_age_seconds(account: Account, running: Sequence[Run], now_ms: int) -> float:
    """For how long nobody paces runs who should; 0 where none runs.

    Of an account that was never paced it is told from its first run's start.
    """
    if not running:
        return 0.0
    asleep = 0 if account.sleeps_for_good else account.asleep  # a run has come since
    since = max(account.beat, asleep, min(run.started for run in running))
    return max(0, now_ms - since) / 1000


def rate_percent(
    account: Account, running: Sequence[Run], declared: Declaration, pacing: Pacing, now_ms: int
) -> float | None:
    """How much of the rate that can be reached is reached of late, by all runs together, in %.

    None while there is little to let out, or nothing may be called: the vendor is closed, a budget
    is used up, a pacer has just begun.
    """
    reachable = declared.reachable(pacing.spread_ms)
    if account.granted.found:
        reachable = min(reachable, account.granted.found.rate)
    caps = [run.rate for run in running]
    if caps and None not in caps:
        reachable = min(reachable, sum(cap or 0.0 for cap in caps))
    left = sum(run.counts.expected - run.counts.settled for run in running)
    begun = [run.first_call for run in running if run.first_call]
    is_going = bool(begun) and now_ms - min(begun) > WORK_SECONDS * 1000
    waits = max(account.until, account.asleep) > now_ms
    if not is_going or waits or reachable <= 0 or left < reachable * WORK_SECONDS:
        return None
    return 100 * sum(run.recent for run in running) / reachable
