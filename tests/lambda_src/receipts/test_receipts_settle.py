"""settle: what lanes say is written down once, whatever comes twice, late or from a stranger."""

from __future__ import annotations

import json
from typing import Any

import pytest

from receipts import standing
from receipts.delivery import messages
from receipts.delivery.messages import Outcome
from receipts.heartbeats import Heartbeats
from receipts.ids import customer_key
from receipts.revisions import Review
from receipts.rows import State
from receipts.standing import Answers
from shared.quarantine import Quarantine
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.delivering import CERTAIN, DOUBTFUL, Delivering
from tests.lambda_src.receipts.reading import counted
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, NOW_US, SECOND, Crash, Failing
from tests.lambda_src.stack import Context
from tests.simulation.aws.backends import Shapes
from tests.support.captured import Log


def test_what_stands_is_delivered(delivering: Delivering, time: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    sure, doubtful = delivering.read(b"one", CERTAIN), delivering.read(b"two", DOUBTFUL)
    time.later(7)
    assert delivering.settled(delivering.delivered(sure), delivering.delivered(doubtful, rows=1, new=0)) == []
    assert (delivering.now(sure).state, delivering.now(sure).review) == (State.DELIVERED, None)
    assert (delivering.now(doubtful).state, delivering.now(doubtful).review) == (State.DELIVERED, Review.OPEN)
    assert delivering.settled(delivering.delivered(sure), delivering.refused(sure)) == []
    assert delivering.now(sure).state is State.DELIVERED
    assert delivering.quarantined() == []
    found = counted(capsys.readouterr().out)
    assert found == {"RowsDelivered": 1, "DeliveryAge": 7.0}, "a repeat is not counted"


def test_a_refused_row_is_explained_and_its_file_quarantined(
    delivering: Delivering, capsys: pytest.CaptureFixture[str]
) -> None:
    row = delivering.read(b"one", CERTAIN, CERTAIN)
    words = [delivering.refused(row, receipt=n) for n in (0, 1)]
    assert delivering.settled(*words, words[0]) == []
    found = delivering.now(row)
    assert (found.state, found.reason) == (State.QUARANTINED, "refused-by-database")
    assert found.detail == "receipt 0: 23514 total_check"
    lines = sorted(delivering.quarantined(), key=lambda line: int(line["receipt"]))
    assert [line["detail"] for line in lines] == ["receipt 0: 23514 total_check", "receipt 1: 23514 total_check"]
    named = {"batch_id": BATCH_ID, "customer_id": CUSTOMER, "file_id": row.file_id, "revision": 0, "name": "one.jpg"}
    assert named.items() <= lines[0].items()
    printed = counted(capsys.readouterr().out)
    assert (printed["RowsRefused"], printed["Quarantined"]) == (3, {"refused-by-database": 3})
    assert delivering.settled(delivering.delivered(row)) == []
    assert (delivering.now(row).state, delivering.now(row).reason) == (State.DELIVERED, None)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"receipt": None, "reason": "bad-document", "sqlstate": None, "constraint": None}, "the document as a whole"),
        ({"constraint": None}, "receipt 0: 23514"),
        ({"sqlstate": None, "constraint": None}, "receipt 0"),
    ],
)
def test_why_is_said_as_far_as_it_is_known(delivering: Delivering, changes: Any, detail: str) -> None:
    row = delivering.read(b"one", CERTAIN)
    delivering.settled(delivering.refused(row, **changes))
    assert delivering.now(row).detail == detail


def test_one_failure_keeps_one_message(delivering: Delivering, log: Log) -> None:
    rows = [delivering.read(b"%d" % n, CERTAIN) for n in range(3)]
    words = [delivering.delivered(row) for row in rows]
    newer = json.dumps(json.loads(messages.encode(words[1])) | {"v": 2, "more": 1})
    assert delivering.settled(words[0], newer, words[2]) == [1], "a later release's is left alone"
    assert [delivering.now(row).state for row in rows] == [State.DELIVERED, State.READ, State.DELIVERED]
    (line,) = [line for line in log.lines if line["message"] == "failed"]
    assert (line["kind"], line["queue"], line["message_ids"]) == ("NewerVersion", "delivered", ["m2"])


def test_what_no_time_is_left_for_comes_again(delivering: Delivering, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [delivering.read(b"%d" % n, CERTAIN) for n in range(3)]
    words = [delivering.delivered(row) for row in rows]
    assert delivering.settled(*words, context=Context(30_000, 30_000, 1_000)) == [1, 2]
    assert "MessagesFailed" not in counted(capsys.readouterr().out)


@pytest.mark.parametrize("crashes", [False, True])
@pytest.mark.parametrize("word", ["delivered", "refused", "standing", "beat"])
def test_whatever_call_fails_it_comes_right(delivering: Delivering, word: str, crashes: bool) -> None:
    row = delivering.read(b"one", CERTAIN)
    said: dict[str, Outcome] = {
        "delivered": delivering.delivered(row),
        "refused": delivering.refused(row),
        "standing": delivering.standing({row.file_id: 1}),
        "beat": delivering.beat(),
    }
    record = {"Records": [delivering.record(said[word])]}
    for place in range(20):
        failing = delivering.cloud.meddler = Failing(place, crashes=crashes)
        try:
            delivering.settle.handle(record, Context())
        except Crash:
            assert crashes
        if not failing.failed:
            break
    else:
        raise AssertionError("it makes too many calls")
    delivering.cloud.meddler = Shapes()
    state = {"delivered": State.DELIVERED, "refused": State.QUARANTINED}.get(word, State.READ)
    assert delivering.now(row).state is state
    assert len(delivering.quarantined()) == (word == "refused")
    assert (Answers(delivering.s3, "documents").last(CUSTOMER, BATCH_ID) is not None) == (word == "standing")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("not JSON", "not-json"),
        ("[]", "not-a-message"),
        ("{}", "not-a-message"),
        ('{"kind": "delivered"}', "not-a-message"),
        ('{"kind": ["delivered"]}', "not-a-message"),
        ('{"kind": "heartbeat", "lane": "' + "x" * 5_000 + '"}', "not-a-message"),
        ("[" * 100_000, "not-json"),
    ],
)
def test_what_is_no_message_is_put_away(delivering: Delivering, body: str, reason: str) -> None:
    assert delivering.settled(body) == []
    (line,) = delivering.quarantined()
    assert (line["reason"], line["source"], line["body"]) == (reason, "delivered", body)


@pytest.mark.parametrize("word", ["delivered", "refused", "standing"])
def test_a_word_about_another_customers_file_changes_nothing(delivering: Delivering, word: str) -> None:
    row = delivering.read(b"one", CERTAIN)
    said: dict[str, Outcome] = {
        "delivered": delivering.delivered(row, customer_id="other"),
        "refused": delivering.refused(row, customer_id="other"),
        "standing": delivering.standing({row.file_id: 1}, customer_id="other"),
    }
    assert delivering.settled(said[word]) == []
    assert delivering.now(row) == row
    assert [line["reason"] for line in delivering.quarantined()] == ["no-batch"]
    assert set(delivering.cloud.s3.buckets["documents"]) == {row.result_key}


def test_a_word_about_what_is_gone_or_unheard_of_is_let_go(delivering: Delivering, log: Log) -> None:
    row = delivering.read(b"one", CERTAIN)
    said: list[Outcome] = [
        delivering.delivered(row, file_id="f" * 32),
        delivering.delivered(row, revision=3),
        delivering.refused(row, revision=3),
        delivering.standing({}, batch_id="a" * 26),
    ]
    assert delivering.settled(*said) == []
    assert delivering.now(row) == row
    assert delivering.quarantined() == []
    warned = [line["message"] for line in log.lines if line["level"] == "WARNING"]
    assert warned == ["unknown", "unknown revision", "unknown revision", "unknown"]


def test_the_last_answer_of_a_lane_is_kept(delivering: Delivering, time: Clock) -> None:
    old = delivering.standing({"a" * 32: 1})
    time.later(1)
    new = delivering.standing({"a" * 32: 2})
    assert delivering.settled(new, old) == []
    answers = Answers(delivering.s3, "documents")
    assert answers.last(CUSTOMER, BATCH_ID) == new
    key = standing.key_of(CUSTOMER, BATCH_ID)
    assert key == f"reports/{customer_key(CUSTOMER)}/{BATCH_ID}.json"
    for rubbish in (b"\xff", b"{}", messages.encode(delivering.beat()).encode()):
        delivering.s3.put_object(Bucket="documents", Key=key, Body=rubbish)
        assert answers.last(CUSTOMER, BATCH_ID) is None
    assert delivering.settled(old) == []
    assert answers.last(CUSTOMER, BATCH_ID) == old


def test_heartbeats_are_counted_and_the_last_is_kept(
    delivering: Delivering, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = delivering.beat(at=NOW_US + SECOND, latency_ms=40)
    away = delivering.beat(lane="lambda-1", reached=False, reason="unreachable")
    beats = (later, delivering.beat(), away, delivering.beat(lane="agent-site-1"))
    assert delivering.settled(*beats) == []
    assert list(Heartbeats(delivering.tables.client, "ledger").last()) == [beats[3], later, away]
    found = counted(capsys.readouterr().out)
    assert (found["LaneReached"], found["AgentReached"]) == (2, 1)
    assert found["DatabaseLatency"] in (40, 12)
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    delivering.settled(*beats, delivering.delivered(delivering.read(b"one", CERTAIN)))
    found = counted(capsys.readouterr().out)
    assert found == {"LaneReached": 2, "AgentReached": 1}, "what an alarm watches, is written everywhere"


def test_quarantine_comes_first(delivering: Delivering, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that the ledger knows is in quarantine: else nobody could try it again."""
    row = delivering.read(b"one", CERTAIN)

    def out(*_: object) -> str:
        raise OSError

    monkeypatch.setattr(Quarantine, "put", out)
    assert delivering.settled(delivering.refused(row)) == [0]
    assert delivering.now(row) == row
