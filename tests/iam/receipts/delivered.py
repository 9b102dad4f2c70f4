"""What is behind `read`, played: lanes, settle, reviews, reports and the sweep of facts."""

from __future__ import annotations

import json
import random

from receipts.deliver import Deliver
from receipts.delivery.credentials import Secret
from receipts.delivery.port import Away
from receipts.ledger import RESENT_US
from receipts.settings import SweepSettings, WakeSettings
from receipts.sweep import Sweep
from receipts.wake import Wake
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivering import CERTAIN, DOUBTFUL, Delivering
from tests.lambda_src.receipts.delivery.lanes import Lanes, question
from tests.lambda_src.receipts.delivery.made import LOGIN
from tests.lambda_src.receipts.tables import Tables
from tests.lambda_src.receipts.test_receipts_report import sent
from tests.lambda_src.stack import Context
from tools.simulation.aws.cloud import Cloud


def played(time: Clock) -> None:
    """A lane that delivers, answers, hands over and finds its database away; and all behind it."""
    _lanes(Lanes(_cloud(time)))
    cloud = _cloud(time)
    _settled(Delivering(cloud, Tables(cloud)), time)


def _cloud(time: Clock) -> Cloud:
    return Cloud(time.now_us, random.Random(5))


def _lanes(lanes: Lanes) -> None:
    login = LOGIN.model_dump() | {"password": LOGIN.password.get_secret_value()}
    arn = lanes.cloud.secrets.create("sluice-local-receipts-database", json.dumps(login)).arn
    source = Secret(lanes.cloud.client("secretsmanager"), arn)
    lanes.function = Deliver(lanes.config, (lanes.sqs, lanes.s3), source, lanes.database.connect)
    lanes.read(1, 2)
    lanes.send(question(1).model_dump_json())
    lanes.run()
    lanes.read(3)
    lanes.run(lanes.tick(1, once="2"), Context(60_000, 60_000, 60_000, 1_000))  # time is over: it asks for the next run
    lanes.read(4)
    lanes.database.before = _away
    lanes.run(lanes.tick(2, once="3"))
    Wake(WakeSettings(lane_queue_url=lanes.config.lane_queue_url, lanes=2), lanes.sqs).handle()


def _away(name: str) -> None:
    """Lose the connection in a transaction."""
    if name == "deliver":
        raise Away("lost")


def _settled(delivering: Delivering, time: Clock) -> None:
    sure, doubtful = delivering.read(b"one", CERTAIN), delivering.read(b"two", DOUBTFUL)
    delivering.settled(
        delivering.delivered(sure),
        delivering.refused(doubtful),
        delivering.beat(),
        delivering.standing({sure.file_id: 1}),
    )
    later = json.dumps(delivering.beat().model_dump() | {"v": 99})
    assert delivering.settled(later) == [0], "a later release's message comes again"
    delivering.settled("no message")
    third = delivering.read(b"three", DOUBTFUL)
    delivering.to_review()
    delivering.close(third, {"accept": True})
    time.later(120)
    sent(delivering, sure)
    delivering.report()
    time.later(RESENT_US / 1_000_000 + 60)
    config = SweepSettings(
        intake_queue_url="i",
        image_queue_url="i",
        uploads_bucket="documents",
        ledger_table="ledger",
        **delivering.pointing,
    )
    Sweep(config, delivering.ledger, delivering.s3, delivering.sqs).handle(Context(60_000))
