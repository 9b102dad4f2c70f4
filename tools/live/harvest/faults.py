"""What the page can break of a harvest."""

from __future__ import annotations

from tools.live.local.breaking import Breaking
from tools.live.local.faults import Fault
from tools.local_cloud.harvest.pipeline import LIMITS
from tools.local_cloud.vendor.stand_in import StandIn

FAILS = {"code": "InternalServerError", "status": 500}
SHARE = 0.3
CLOSED = [{"calls": 1, "seconds": 5, "window": "fixed"}]


def faults(breaking: Breaking, vendor: StandIn | None) -> list[Fault]:
    """Kill a worker, let the ledger fail; have the vendor refuse, where it is ours."""
    ledger = breaking.place.deployment.outputs["tables"]["ledger"]
    found = [
        breaking.kill(
            "work",
            "kill a worker",
            "A worker process dies between its calls: its parcel comes again when its claim is over, no call is "
            "counted twice, and the run goes on.",
        ),
        *breaking.rules(
            "ledger",
            f"fail the ledger, {SHARE:.0%}",
            "Calls of the ledger fail: workers hand parcels back and take them again, the rate falls, and nothing is "
            "missing in the end.",
            [{"service": "dynamodb", "resource": ledger, "probability": SHARE, "error": FAILS}],
        ),
    ]
    return found + ([_limited(breaking, vendor)] if vendor else [])


def _limited(breaking: Breaking, vendor: StandIn) -> Fault:
    def refuse(_: float) -> None:
        vendor.ask("change", limits=CLOSED)

    def permit() -> None:
        vendor.ask("change", limits=[{**limit, "window": "fixed"} for limit in LIMITS])

    return breaking.switched(
        "429",
        "vendor answers 429",
        "The vendor permits next to nothing: the whole fleet slows down as its Retry-After asks, no call is a failure "
        "by it, and the rate comes back.",
        refuse,
        permit,
    )
