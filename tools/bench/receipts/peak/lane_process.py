"""`python -m tools.bench.receipts.peak.lane_process`: one lane, as the agent runs one.

What it is told stands in the first line of its standard input, because a login is among it; when
that input ends, it ends.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from receipts.delivery import postgres
from receipts.delivery.credentials import Login
from receipts.delivery.inbox import Inbox
from receipts.delivery.lane import AWAY, Lane
from receipts.delivery.pace import Budget, left_off
from receipts.delivery.work import Documents
from tools.bench.receipts.peak.load import Bucket
from tools.common import loopback
from tools.local_cloud import emulator

AGAIN_SECONDS = 2.0  # after the database was away


def main() -> None:
    """Deliver until the input ends."""
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    ended = threading.Event()
    threading.Thread(target=_until_its_end, args=(ended,), daemon=True).start()
    login, budget, name = Login.model_validate(told["login"]), Budget(**told["budget"]), told["name"]
    sqs = loopback.session(told["region"]).client("sqs", endpoint_url=told["endpoint"], **emulator.ROOT_KEYS)
    lane = Lane(
        name,
        Inbox(sqs, told["delivery_queue_url"], told["delivered_queue_url"]),
        Documents(Bucket(), "made"),
        lambda: postgres.connect(login, name, told["table"]),
        budget,
        "peak",
    )
    pace = left_off(None, None, budget)
    while not ended.is_set():
        why, pace, *_ = lane.run(pace, ended.is_set)
        if why == AWAY:
            ended.wait(AGAIN_SECONDS)


def _until_its_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    main()
