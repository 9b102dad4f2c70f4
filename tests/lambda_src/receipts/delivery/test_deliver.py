"""deliver: a tick's run, its pace and its end; and wake."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from receipts import deliver, wake
from receipts.delivery import messages
from receipts.delivery.credentials import Login, Secret, connect
from receipts.delivery.messages import Heartbeat
from receipts.delivery.port import Away
from receipts.messages import NotSent
from receipts.settings import WakeSettings
from receipts.wake import Wake
from shared import clients
from tests.lambda_src.fakes import Sqs, refusal, unreachable
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivery.lanes import Context, Lanes, file_id
from tests.lambda_src.receipts.delivery.made import LOGIN
from tests.support.captured import Log
from tools.simulation.aws.cloud import Cloud

SECRET = {
    "host": "db.example",
    "port": 5433,
    "dbname": "books",
    "username": "sluice",
    "password": "s3cret-canary",
    "ca": "-----BEGIN CERTIFICATE-----\nMII",
}


class Deadline(Context):
    """An invocation that ends at a time of the test's clock."""

    def __init__(self, time: Clock, seconds: float) -> None:
        super().__init__()
        self._time, self._ends = time, time.now + int(seconds * 1_000_000)

    def get_remaining_time_in_millis(self) -> int:
        """Until then."""
        return (self._ends - self._time.now) // 1000


def taking(lanes: Lanes, time: Clock, *seconds: float) -> list[float]:
    """Let transactions take so long, the last for ever; the times at which they began (s)."""
    waits, began = list(seconds), list[float]()

    def before(name: str) -> None:
        if name == "deliver":
            began.append(time.now / 1_000_000)
            time.later(waits.pop(0) if len(waits) > 1 else waits[0])

    lanes.database.before = before
    return began


def test_slow_commits_halve_the_rows_and_rest(lanes: Lanes, time: Clock) -> None:
    lanes.read(*range(250))
    began = taking(lanes, time, 0.01, 0.01, 0.01, 0.4, 0.4, 0.01)
    lanes.run()
    sizes = lanes.database.transactions
    assert sizes[:6] == [10, 20, 40, 80, 40, 20]
    starts = [later - earlier for earlier, later in itertools.pairwise(began)]
    assert starts[3] >= 0.4 + 0.1
    assert starts[4] >= 0.4 + 0.2
    assert len(lanes.delivered()) == 250


def test_time_that_runs_out_hands_the_pace_over(lanes: Lanes, time: Clock) -> None:
    lanes.read(*range(200))
    taking(lanes, time, 0.1, 0.1, 0.4, 3)
    assert lanes.run(context=Deadline(time, 12)) == []
    assert 0 < len(lanes.delivered()) < 200
    assert lanes.waiting()[1] == 0, "what it did not come to is given back at once"
    tick = lanes.next_tick()
    assert tick
    carried = messages.decode_tick(tick["body"])
    assert carried.lane == 0
    assert carried.rows
    assert carried.rest_ms
    lanes.database.before = lambda name: None
    lanes.database.transactions.clear()
    lanes.run(tick)
    assert lanes.database.transactions[0] == carried.rows
    assert len(lanes.delivered()) == 200


def test_a_file_of_many_receipts_gets_on_however_slow_the_database_is(lanes: Lanes, time: Clock) -> None:
    """Its rows are told of together, so each run begins with those that stand."""
    lanes.read(1, receipts=400)
    taking(lanes, time, 0.4)
    stood: list[int] = []
    tick = lanes.tick()
    while not lanes.outcomes() and len(stood) < 8:
        lanes.run(tick, Deadline(time, 30))
        stood.append(len(lanes.database.rows))
        tick = lanes.next_tick()
    assert stood == sorted(set(stood)), "each run gets further"
    assert stood[-1] == 400


def test_the_next_tick_is_one_however_often_the_tick_comes(lanes: Lanes, time: Clock) -> None:
    lanes.read(*range(60))
    taking(lanes, time, 3)
    tick = lanes.tick()
    assert tick
    for _ in range(2):
        assert lanes.function.handle({"Records": [tick]}, Deadline(time, 8)) == {"batchItemFailures": []}
    visible, hidden, _ = lanes.cloud.sqs.queues["lane.fifo"].depths()
    assert visible + hidden == 2, "the tick and the next"


def test_a_next_tick_that_cannot_be_sent_leaves_the_tick(
    lanes: Lanes, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes.read(*range(60))
    taking(lanes, time, 3)
    tick = lanes.tick()
    assert tick
    send = lanes.sqs.send_message_batch

    def failing(*, QueueUrl: str, **request: Any) -> Any:
        if QueueUrl.endswith("lane.fifo"):
            raise unreachable()
        return send(QueueUrl=QueueUrl, **request)

    monkeypatch.setattr(lanes.sqs, "send_message_batch", failing)
    assert lanes.run(tick, Deadline(time, 8)) == [tick["messageId"]]


def test_ticks_that_were_sent_during_a_run_do_not_lose_its_pace(lanes: Lanes, time: Clock) -> None:
    lanes.read(*range(200))
    taking(lanes, time, 0.1, 0.1, 0.4, 3)
    tick = lanes.tick()
    lanes.tick(once="during")
    lanes.run(tick, Deadline(time, 12))
    lanes.database.calls.clear()
    lanes.run(lanes.next_tick())
    assert lanes.database.calls == [], "its pointers are the next one's"
    lanes.run(lanes.next_tick())
    assert len(lanes.delivered()) == 200


@pytest.mark.parametrize("body", ["{}", '{"v":2,"lane":0}', '{"v":1,"lane":-1}'])
def test_a_tick_that_cannot_be_read_is_left(lanes: Lanes, body: str) -> None:
    tick = lanes.tick()
    assert tick
    assert lanes.run(tick | {"body": body}) == [tick["messageId"]]
    assert lanes.database.calls == []


def test_a_rotated_secret_is_read_again(lanes: Lanes) -> None:
    lanes.read(1)
    lanes.database.password = "second"
    reads: list[Login] = [LOGIN, LOGIN.model_copy(update={"password": _secret("second")})]
    lanes.source.login = lambda: reads.pop(0)  # type: ignore[method-assign]
    lanes.run()
    assert lanes.delivered() == {file_id(1): 1}
    assert lanes.database.calls[:3] == ["connect", "connect", "ping"]


def test_a_secret_that_is_wrong_is_away_after_one_connection(lanes: Lanes) -> None:
    lanes.read(1)
    lanes.database.password = "another"
    tick = lanes.tick()
    assert tick
    assert lanes.run(tick) == [tick["messageId"]]
    assert (lanes.database.calls, lanes.source.reads) == (["connect"], 2), "the same is not tried twice"
    (beat,) = [one for one in lanes.told() if isinstance(one, Heartbeat)]
    assert (beat.reached, beat.reason) == (False, "credentials")


def _secret(text: str) -> Any:
    return LOGIN.model_validate(SECRET | {"password": text}).password


class Secrets:
    """Secrets Manager, with one secret."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def get_secret_value(self, *, SecretId: str) -> Any:
        """The secret."""
        assert SecretId == "arn:secret"
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def test_a_secret_says_who_and_where(log: Log) -> None:
    login = Secret(Secrets({"SecretString": json.dumps(SECRET | {"engine": "postgres"})}), "arn:secret").login()
    assert (login.host, login.port, login.dbname, login.username) == ("db.example", 5433, "books", "sluice")
    assert login.password.get_secret_value() == "s3cret-canary"
    assert "s3cret-canary" not in repr(login)


@pytest.mark.parametrize(
    "answer",
    [
        refusal("GetSecretValue", "AccessDeniedException"),
        unreachable(),
        {"SecretBinary": b"s3cret-canary"},
        {"SecretString": "s3cret-canary"},
        {"SecretString": json.dumps("s3cret-canary")},
        {"SecretString": json.dumps(SECRET | {"port": "s3cret-canary"})},
        {"SecretString": json.dumps(SECRET | {"ca": "s3cret-canary"})},
        {"SecretString": json.dumps({name: value for name, value in SECRET.items() if name != "host"})},
    ],
)
def test_a_secret_that_cannot_be_read_is_away_and_never_shown(answer: Any, log: Log) -> None:
    with pytest.raises(Away) as away:
        connect(Secret(Secrets(answer), "arn:secret"), lambda login: pytest.fail("it connected"))
    assert away.value.reason == "secret-unreadable"
    assert [line["place"] for line in log.lines] == ["secret"]
    assert "s3cret-canary" not in log.text + repr(away.value)


def test_the_handler_is_made_of_its_environment(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    values = lanes.config.model_dump() | {"pace": lanes.config.pace.model_dump_json()}
    for name, value in values.items():
        monkeypatch.setenv(name.upper(), value)
    secrets = Secrets({"SecretString": json.dumps(SECRET | {"host": "127.0.0.1", "port": 1})})
    made = {"sqs": lanes.sqs, "s3": lanes.s3, "secretsmanager": secrets}
    monkeypatch.setattr(clients, "client", made.__getitem__)
    deliver._worker.cache_clear()
    tick = lanes.tick()
    assert tick
    answer = deliver.handler({"Records": [tick]}, Context())
    deliver._worker.cache_clear()
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == [tick["messageId"]]
    (beat,) = [one for one in lanes.told() if isinstance(one, Heartbeat)]
    assert beat.reason == "unreachable"


def test_every_lane_is_woken_once_a_minute(simulated: Cloud, time: Clock) -> None:
    simulated.sqs.create_queue("lane.fifo")
    woken = Wake(WakeSettings(lane_queue_url=simulated.sqs.url("lane.fifo"), lanes=12), simulated.client("sqs"))
    assert woken.handle() == woken.handle() == {"lanes": 12}
    assert simulated.sqs.queues["lane.fifo"].depths()[0] == 12
    time.later(60)
    woken.handle()
    assert simulated.sqs.queues["lane.fifo"].depths()[0] == 24


def test_a_lane_that_could_not_be_woken_fails_the_schedules_call(time: Clock) -> None:
    sqs = Sqs(lambda number, entry: "InternalError" if entry["MessageGroupId"] == "lane-1" else None)
    with pytest.raises(NotSent, match="1 of 3 ticks"):
        Wake(WakeSettings(lane_queue_url="q/lane.fifo", lanes=3), sqs).handle()
    assert [entry["MessageGroupId"] for entry in sqs.taken] == ["lane-0", "lane-2"]


def test_wake_is_made_of_its_environment(simulated: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    simulated.sqs.create_queue("lane.fifo")
    monkeypatch.setenv("LANE_QUEUE_URL", simulated.sqs.url("lane.fifo"))
    monkeypatch.setenv("LANES", "2")
    monkeypatch.setattr(clients, "client", {"sqs": simulated.client("sqs")}.__getitem__)
    wake._worker.cache_clear()
    assert wake.handler({}, Context()) == {"lanes": 2}
    wake._worker.cache_clear()
