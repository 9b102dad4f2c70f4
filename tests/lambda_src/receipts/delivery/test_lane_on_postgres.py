"""A whole lane on PostgreSQL: what it refuses, cuts and forgets, and what gets out of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from receipts.deliver import Deliver
from receipts.delivery import messages, postgres
from receipts.delivery.credentials import Login
from receipts.delivery.postgres import Limits
from tests.lambda_src.receipts.delivery.lanes import Delivered, Lanes, RowRefused, document, file_id
from tests.lambda_src.receipts.delivery.made import CANARY
from tests.support.captured import Log
from tools.local_cloud.premises.stand_in import StandIn

# What a client's own trigger may say of a row, as unkindly as it can.
TRIGGER = """
CREATE OR REPLACE FUNCTION unkind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE 'seen %', NEW.merchant;
    IF NEW.total = 13 THEN
        RAISE EXCEPTION 'not %', NEW.merchant USING DETAIL = NEW.merchant, HINT = NEW.merchant;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER unkind BEFORE INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION unkind();
ALTER TABLE receipts ADD CONSTRAINT "no. 17: {merchant}" CHECK (total <> 17);
"""
KIND = 'DROP TRIGGER unkind ON receipts; ALTER TABLE receipts DROP CONSTRAINT "no. 17: {merchant}"'


class SourceOf:
    """The login of a stand-in."""

    def __init__(self, premises: StandIn) -> None:
        self._premises = premises

    def login(self) -> Login:
        """The login."""
        return Login.model_validate(self._premises.credentials)


@pytest.fixture
def unkind(premises: StandIn) -> Iterator[StandIn]:
    """A database that says whatever stands in a row."""
    premises.ask(TRIGGER)
    yield premises
    premises.begin()
    premises.ask(KIND)


@pytest.fixture
def on_postgres(lanes: Lanes, premises: StandIn) -> Lanes:
    """A lane to PostgreSQL."""

    def connect(login: Login, name: str, table: str) -> postgres.PostgreSql:
        return postgres.connect(login, name, table, Limits(answer_seconds=1))

    lanes.function = Deliver(lanes.config, (lanes.sqs, lanes.s3), SourceOf(premises), connect)
    return lanes


def test_nothing_of_a_row_gets_out_whatever_the_database_says(
    on_postgres: Lanes, unkind: StandIn, log: Log, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    objects = dict(on_postgres.cloud.s3.buckets["documents"])
    on_postgres.read(*range(8))
    for number, total in ((2, "13.00"), (5, "17.00")):
        on_postgres.put(document(number, total=total), number)
    on_postgres.run()
    assert unkind.ask("SELECT count(*), min(merchant) FROM receipts") == [["6", CANARY]]
    told = on_postgres.told()
    refused = {one.file_id: (one.sqlstate, one.constraint) for one in told if isinstance(one, RowRefused)}
    assert refused == {file_id(2): ("P0001", None), file_id(5): ("23514", "no._17___merchant_")}
    unkind.change(lose="half", matching="INSERT")
    on_postgres.point(0)
    tick = on_postgres.tick(once="2")
    assert tick
    assert on_postgres.run(tick) == [tick["messageId"]]
    told += on_postgres.told()
    out = capsys.readouterr()
    said = [log.text, caplog.text, out.out, out.err, *map(messages.encode, told)]
    assert CANARY not in "".join(said)
    assert len(on_postgres.cloud.s3.buckets["documents"]) == len(objects) + 8, "it writes no object"


def test_a_lane_is_one_connection_to_the_server(on_postgres: Lanes, premises: StandIn) -> None:
    on_postgres.read(*range(120))
    on_postgres.run()
    health = premises.health()
    assert (health["peaks"], health["attempts"], health["errors"]) == ({"sluice": 1}, 1, {})
    assert premises.ask("SELECT count(*), count(DISTINCT file_id) FROM receipts") == [["120", "120"]]


def test_a_server_that_is_stopped_and_started_again(on_postgres: Lanes, premises: StandIn) -> None:
    on_postgres.read(*range(20))
    premises.stop_database(crash=True)
    tick = on_postgres.tick()
    assert tick
    assert on_postgres.run(tick) == [tick["messageId"]]
    assert [one.receives for one in on_postgres.cloud.sqs.queues["delivery"].messages.values()] == [0] * 20
    premises.start_database()
    on_postgres.run(tick)
    assert premises.ask("SELECT count(*) FROM receipts") == [["20"]]
    assert len([one for one in on_postgres.told() if isinstance(one, Delivered)]) == 20
