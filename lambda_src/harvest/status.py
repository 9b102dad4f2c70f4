"""What is said of a run: how far it is, how fast, what failed, and when it may end."""

from datetime import UTC, datetime
from typing import Any

from harvest import run_rows
from harvest.accounts import Account
from harvest.limits import Declaration
from harvest.run_rows import Run
from harvest.settings import Pacing

Json = dict[str, Any]


def of(run: Run, account: Account, declared: Declaration, pacing: Pacing, now_ms: int) -> Json:
    """The answer's body. What is known grows while lists are read: so does the estimated end."""
    counts = run.counts
    known, done = counts.expected, counts.settled
    return {
        "run_id": run.run_id,
        "name": run.name,
        "state": run.state,
        "reason": run.reason or None,
        "started": _time(run.started),
        "ended": _time(run.ended),
        "since": _time(run.since or 0),
        "as_of": _time(run.written),
        "known": known,
        "done": done,
        "share": round(done / known, 4) if known else 0.0,
        "calls": counts.calls,
        "throttled": counts.throttled,
        "failed": counts.failed,
        "causes": counts.causes,
        "rate": rates(run, account, declared, pacing),
        "estimated_end": _time(_end_ms(run, now_ms)),
        "cap": run.cap,
        "levels": {
            name: {
                "expected": level.expected,
                "ok": level.ok,
                "gone": level.gone,
                "failed": level.failed,
            }
            for name, level in counts.levels.items()
        },
        "pacer": {
            "turn": account.turn,
            "beat": _time(account.beat),
            "paced": account.is_paced(now_ms, pacing.silent_ms),
            "closed_until": _time(account.until if account.until > now_ms else 0),
        },
    }


def rates(run: Run, account: Account, declared: Declaration, pacing: Pacing) -> Json:
    """Calls a second: made of late and over all, permitted, and what of that can be reached.

    `bound` is the share that can be reached without a 429, T / (T + J); `cap` is the run's own.
    """
    permitted = declared.permitted()
    reachable = declared.reachable(pacing.spread_ms)
    if account.granted.found:
        permitted = reachable = min(reachable, account.granted.found.rate)
    if run.rate:
        permitted, reachable = min(permitted, run.rate), min(reachable, run.rate)
    seconds = (run.written - run.first_call) / 1000 if run.first_call else 0.0
    return {
        "achieved": round(run.recent, 2) if run.state == run_rows.RUNNING else 0.0,
        "average": round(run.counts.calls / seconds, 2) if seconds > 0 else 0.0,
        "permitted": round(permitted, 2),
        "reachable": round(reachable, 2),
        "bound": round(declared.bound(pacing.spread_ms), 4),
        "cap": run.rate,
    }


def _end_ms(run: Run, now_ms: int) -> int:
    """When what is known by now is done at the rate of late; 0 where nobody can tell."""
    left = run.counts.expected - run.counts.settled
    if run.state != run_rows.RUNNING or run.recent <= 0:
        return 0
    return int(now_ms + left / run.recent * 1000)


def _time(at_ms: int) -> str | None:
    """RFC 3339; None for no time."""
    if not at_ms:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
