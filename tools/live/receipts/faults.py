"""What the page can break of receipts."""

from __future__ import annotations

from tools.live.local.breaking import Breaking
from tools.live.local.faults import Fault
from tools.local_cloud.premises.stand_in import StandIn

SLOW_MS = 400.0  # of each statement: over a transaction's budget
UNAVAILABLE = {"code": "InternalServerError", "status": 500}
SHARE = 0.5


def faults(breaking: Breaking, database: StandIn | None) -> list[Fault]:
    """Kill a reader, let the ledger fail; stop the database or slow it, where it is ours."""
    ledger = breaking.place.deployment.outputs["tables"]["ledger"]
    found = [
        breaking.kill(
            "read",
            "kill a reader",
            "A worker process dies while it reads a picture: the message comes again when its visibility timeout is "
            "over, the picture is read by another, and stands in the account once.",
        ),
        *breaking.rules(
            "ledger",
            f"fail the ledger, {SHARE:.0%}",
            "Half of the calls of the ledger fail: pictures are tried again, queues grow, and drain when it is over.",
            [{"service": "dynamodb", "resource": ledger, "probability": SHARE, "error": UNAVAILABLE}],
        ),
    ]
    return found + (_of_database(breaking, database) if database else [])


def _of_database(breaking: Breaking, database: StandIn) -> list[Fault]:
    def stop(_: float) -> None:
        database.stop_database()

    def slow(_: float) -> None:
        database.change(slow_ms=SLOW_MS)

    return [
        breaking.switched(
            "stop-database",
            "stop the database",
            "The client's database is down: reading goes on, the delivery queue grows, a lane tries to connect once "
            "a minute, no message becomes a dead letter; all is delivered when it is back.",
            stop,
            database.start_database,
        ),
        breaking.switched(
            "slow-database",
            f"slow the database by {SLOW_MS:.0f} ms",
            "Each statement takes longer: lanes put fewer rows into a transaction and rest longer, never more "
            "connections than there are lanes.",
            slow,
            lambda: database.change(slow_ms=0),
        ),
    ]
