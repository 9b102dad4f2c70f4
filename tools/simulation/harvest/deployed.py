"""What is deployed in the world: queues, mappings, functions, tables, as environments/local plans
them; a test compares the two.

Only what the world has small on purpose differs, and stands in `SMALLER`: limits, claims and turns,
so that short histories are past each of them.
"""

import json
from typing import Any

from tools.simulation.deployed import Deployed, Mapping

START_US = 1_796_025_600_000_000  # when every history starts: 2026-11-30T08:00:00Z
NAME, NUMBER = "sluice-local-harvest", "000000000000"
ACCOUNT = "local"  # at the vendor
TABLES = {"ledger": (("run_id", "S"), ("item", "S")), "accounts": (("account", "S"),)}
RESULTS, QUARANTINE = (f"{NAME}-{bucket}-{NUMBER}" for bucket in ("results", "quarantine"))
SECRET = f"{NAME}-token"
TIMEOUTS = {"start": 15, "pace": 90, "work": 60, "store": 120, "runs": 15}  # seconds
FUNCTIONS = tuple(TIMEOUTS)
WAKE_SECONDS = 60  # between two calls of start by the schedule
MOST_TASKS = 6

# What the model has: a window of a second, and J of 30 ms.
PACE: dict[str, Any] = {
    "tolerance_ms": 10,
    "clock_ms": 4,
    "way_ms": 12,
    "call_ms": 1000,
    "grace_ms": 2000,
    "tasks_a_parcel": MOST_TASKS,
    "turn_seconds": 6,
    "doze_seconds": 20,
    "attempts": 4,
}
RATE = 10  # calls in a second
LIMITS: dict[str, Any] = {"limits": [{"calls": RATE, "seconds": 1}]}
DAY_SECONDS = 20
# and the secret's whole ARN: the simulated service does not know it by less
SMALLER = {"LIMITS": json.dumps(LIMITS), "PACE": json.dumps(PACE)}


def _mapping(queue: str, function: str, concurrency: int, *, fifo: bool = False) -> Mapping:
    """A message at a time, five receives."""
    return Mapping(NAME, queue, function, TIMEOUTS[function], fifo, 1, 0, concurrency, 5)


MAPPINGS = (
    _mapping("turn", "pace", 2, fifo=True),
    _mapping("parcel", "work", 10),
    _mapping("store", "store", 2),
)
DEPLOYED = Deployed(NAME, NUMBER, TIMEOUTS, TABLES, (RESULTS, QUARANTINE), MAPPINGS)
TURN, PARCEL, STORE = (mapping.name for mapping in MAPPINGS)

_LEDGER = {
    "LEDGER_TABLE": DEPLOYED.table("ledger"),
    "ACCOUNTS_TABLE": DEPLOYED.table("accounts"),
    "VENDOR": json.dumps({"account": ACCOUNT, "name": "monitor", "url": "http://127.0.0.1:1"}, separators=(",", ":")),
}
_PACED = _LEDGER | SMALLER
_TURN = {"TURN_QUEUE_URL": DEPLOYED.url(TURN)}
_ARN = f"arn:aws:secretsmanager:us-east-1:{NUMBER}:secret:{SECRET}-AbCdEf"

ENVIRONMENTS = {
    "start": {**_PACED, **_TURN, "MOST_CALLS": "200000", "VENDOR_SECRET_ARN": _ARN},
    "pace": {
        **_PACED,
        **_TURN,
        "PARCEL_QUEUE_URL": DEPLOYED.url(PARCEL),
        "STORE_QUEUE_URL": DEPLOYED.url(STORE),
        "QUARANTINE_BUCKET": QUARANTINE,
    },
    "work": {
        **_PACED,
        **_TURN,
        "PARCEL_QUEUE_URL": DEPLOYED.url(PARCEL),
        "RESULTS_BUCKET": RESULTS,
        "QUARANTINE_BUCKET": QUARANTINE,
        "VENDOR_SECRET_ARN": _ARN,
    },
    "store": {
        "LEDGER_TABLE": DEPLOYED.table("ledger"),
        "STORE_QUEUE_URL": DEPLOYED.url(STORE),
        "RESULTS_BUCKET": RESULTS,
    },
    "runs": {**_PACED, **_TURN},
}
