"""What is broken while ballots go through: the proxy's rules, and the kinds of faults counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tools.local_cloud.fault_proxy import Fired

Rule = dict[str, Any]

# a function gives a call up after so long (its read timeout), and tries again
CLIENT_WAITS_MS = 4_000
SLOW = {"min": 100, "max": 1_500}
# the call is made all the same, after the next try
LATE = {"min": CLIENT_WAITS_MS + 300, "max": CLIENT_WAITS_MS + 2_000}
LOST = {"abort_bytes": 0}  # the call has taken effect, and nobody learns of it

# An error that says "less" and one that says "not now", as each service words them.
ERRORS: dict[str, tuple[Rule, Rule]] = {
    "dynamodb": ({"code": "ProvisionedThroughputExceededException"}, {"code": "InternalServerError", "status": 500}),
    "sqs": ({"code": "RequestThrottled", "status": 400}, {"code": "ServiceUnavailable", "status": 503}),
    "s3": ({"code": "SlowDown", "status": 503}, {"code": "InternalError", "status": 500}),
}
# of the calls that fail in each of the ways below
SHARES = {"dynamodb": 0.07, "sqs": 0.05, "s3": 0.12}
# append, put votes, move a head or add to a tally
COUNTING = ("PutItem", "BatchExecuteStatement", "UpdateItem")
API = "API"  # the clients' own requests: no call of AWS, known by what they send
OF_CLIENTS: Rule = {"headers": {"content-type": "application/json"}}

STORMS_ON = ("dynamodb", "sqs", "dynamodb", "s3")  # in turn
# every so many seconds one begins
STORM_EVERY, STORM_SECONDS, STORM_SHARE, STORMS = 8.0, 3.0, 0.9, 120

SLOW_KIND, LATE_KIND, RESET_KIND, LOST_KIND = "slow", "late", "reset before", "answer lost"


def rules(seed: int, now: float) -> list[Rule]:
    """The rules, from `now` (seconds since 1970) on.

    Each fault once for sure, then storms, in which most calls of one service fail, and steady
    trouble for all.
    """
    return [*_once(), *_storms(random.Random(seed), now), *_steady()]  # noqa: S311 (repeatable, not secret)


def _once() -> Iterable[Rule]:
    """Each fault of `_steady` once, and each counting call's answer lost.

    A short run makes few of some calls: chance would leave one, or a kind of fault, out at times.
    """
    for operation in COUNTING:
        yield {"service": "dynamodb", "operation": operation, "times": 1, "response": LOST}
    for rule in _steady():
        yield rule | {"times": 1, "probability": 1.0}


def _storms(rng: random.Random, now: float) -> Iterable[Rule]:
    for number in range(STORMS):
        service = STORMS_ON[number % len(STORMS_ON)]
        begins = now + STORM_EVERY * number + rng.uniform(2, STORM_EVERY - STORM_SECONDS)
        window = {"active_at": begins, "until": begins + STORM_SECONDS}
        yield {"service": service, "probability": STORM_SHARE, "error": rng.choice(ERRORS[service])} | window


def _steady() -> Iterable[Rule]:
    for service, errors in ERRORS.items():
        share = SHARES[service]
        for error in errors:
            yield {"service": service, "probability": share, "error": error}
        yield {"service": service, "probability": share, "latency": SLOW}
        yield {"service": service, "probability": share / 5, "latency": LATE}
        yield {"service": service, "probability": share / 2, "reset": True}
        if service != "s3":  # the proxy cannot cut off an answer that has no body
            yield {"service": service, "probability": 2 * share, "response": LOST}
    for fault in (
        {"error": {"code": "TooManyRequests", "status": 429}},
        {"error": {"code": "ServiceUnavailable", "status": 503}},
        {"latency": SLOW},
        {"reset": True},
        {"response": LOST},
    ):
        yield {"probability": 0.02} | OF_CLIENTS | fault


def by_kind(fired: Mapping[Fired, int]) -> dict[tuple[str, str], Counter[str]]:
    """The proxy's counters by service and operation: how often each kind of fault was injected."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for (service, operation, action), times in sorted(fired.items()):
        call = (API, "POST /v1/ballots") if not service else (service, operation)
        found.setdefault(call, Counter())[_kind(action)] += times
    return found


def not_fired(found: Mapping[tuple[str, str], Counter[str]]) -> list[str]:
    """Services, kinds of faults, and calls that counting leans on, without a fault.

    A run without them shows less than it says.
    """
    services = {service for service, _ in found}
    kinds = set().union(*found.values())
    wanted = {SLOW_KIND, LATE_KIND, RESET_KIND, LOST_KIND}
    for errors in ERRORS.values():
        wanted |= {error["code"] for error in errors}
    return (
        sorted({*ERRORS, API} - services)
        + sorted(wanted - kinds)
        + sorted(set(COUNTING) - {operation for _, operation in found})
    )


def _kind(action: str) -> str:
    name, _, what = action.partition(":")
    if name == "latency":
        return LATE_KIND if float(what.removesuffix("ms")) > CLIENT_WAITS_MS else SLOW_KIND
    return {"reset": RESET_KIND, "response": LOST_KIND}.get(name, what)
