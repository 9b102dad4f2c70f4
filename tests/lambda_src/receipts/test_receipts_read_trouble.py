"""read while its reader is busy or broken, files kill it, services are away: nothing is lost."""

from __future__ import annotations

import pytest
from botocore.exceptions import NoCredentialsError

from receipts.pdf import DrawingFailed
from receipts.read import LATEST_SECONDS
from receipts.rows import State
from tests.lambda_src.fakes import refusal, unreachable
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.reading import Context, World, counted, drawn
from tests.lambda_src.receipts.tables import LIMITS, Tables
from tests.support.captured import Log
from tools.simulation.aws.cloud import Cloud
from tools.traffic.receipts import encoding


@pytest.mark.parametrize(
    "error",
    [
        refusal("AnalyzeExpense", "ThrottlingException"),
        refusal("AnalyzeExpense", "ProvisionedThroughputExceededException"),
        refusal("AnalyzeExpense", "InternalServerError"),
        unreachable(),
    ],
    ids=lambda error: type(error).__name__ + str(error)[:50],
)
def test_a_busy_reader_is_a_delay_however_long(
    world: World, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    content, sheet = drawn()
    row, waiting = world.receive(content, sheet), world.receive(*drawn(2))
    world.textract.always = error
    for receives in (1, 2, 5, 40, 900):
        messages = [world.message(row, receives), world.message(waiting, receives)]
        assert world.read(*messages) == [message["messageId"] for message in messages]
        assert counted(capsys.readouterr().out) == {"ImagesDelayed": 1}, "nothing failed"
    assert len(world.textract.pages) == 5, "one refusal ends the batch"
    assert world.state(row).state == State.RECEIVED
    assert world.quarantined() == []
    world.textract.always = None
    assert world.read(world.message(row, 901)) == []
    assert world.state(row).state in (State.READ, State.REVIEW)


def test_a_delayed_message_comes_again_later_each_time(world: World, time: Clock) -> None:
    row = world.receive(*drawn())
    world.textract.always = refusal("AnalyzeExpense")
    for receives, least, most in ((1, 2, 4), (4, 16, 32), (1000, LATEST_SECONDS / 2, LATEST_SECONDS)):
        record = world.message(row, receives)
        world.read(record)
        time.later(least - 1)
        asked = {"QueueUrl": world.config.image_queue_url, "AttributeNames": ["All"], "MaxNumberOfMessages": 10}
        assert "Messages" not in world.sqs.receive_message(**asked)
        time.later(most - least + 2)
        (again,) = world.sqs.receive_message(**asked)["Messages"]
        world.sqs.delete_message_batch(
            QueueUrl=world.config.image_queue_url, Entries=[{"Id": "0", "ReceiptHandle": again["ReceiptHandle"]}]
        )


@pytest.mark.parametrize("code", ["UnsupportedDocumentException", "BadDocumentException", "DocumentTooLargeException"])
def test_what_the_reader_never_takes_is_quarantined_with_its_code(world: World, code: str) -> None:
    row = world.receive(*drawn())
    world.textract.always = refusal("AnalyzeExpense", code)
    assert world.read(world.message(row)) == []
    assert (world.state(row).state, world.state(row).reason) == (State.QUARANTINED, f"reader-refused:{code}")


@pytest.mark.parametrize(
    "error",
    [refusal("AnalyzeExpense", "AccessDeniedException"), NoCredentialsError(), DrawingFailed("not in 120 s")],
    ids=["rights", "credentials", "a busy machine"],
)
def test_no_file_is_refused_for_what_is_ours(
    world: World, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    row = world.receive(*drawn())
    world.textract.always = error
    assert len(world.read(world.message(row, 500))) == 1
    assert world.state(row).state == State.RECEIVED
    assert counted(capsys.readouterr().out)["MessagesFailed"] == 1


def test_rubbish_is_asked_for_again_and_then_later_and_only_then_refused(world: World) -> None:
    content, sheet = drawn()
    row = world.receive(content, sheet)
    world.textract.answers = [{"ExpenseDocuments": "none"}, None]
    other = world.receive(*drawn(2))
    assert world.read(world.message(row)) == []
    assert world.state(row).state != State.RECEIVED
    world.textract.always = {"ExpenseDocuments": "none"}
    for receives in (1, 2):
        assert len(world.read(world.message(other, receives))) == 1
    assert world.state(other).state == State.RECEIVED
    assert world.read(world.message(other, 3)) == []
    assert (world.state(other).state, world.state(other).reason) == (State.QUARANTINED, "reader-answer-invalid")


def test_of_several_pages_none_is_paid_for_twice_while_there_is_time(world: World) -> None:
    sheets = [drawn(number)[1] for number in (1, 2)]
    row = world.receive(encoding.tiff(sheets), *sheets)
    world.textract.answers = [None, *[refusal("AnalyzeExpense")] * 4, None]
    assert world.read(world.message(row)) == []
    assert len(world.textract.pages) == 6
    assert len(world.document(row).receipts) == 2


def test_without_time_left_nothing_is_begun(world: World) -> None:
    rows = [world.receive(*drawn(number)) for number in (1, 2)]
    messages = [world.message(row) for row in rows]
    assert world.read(*messages, context=Context(60_000, 60_000, 60_000, 1_000)) == [messages[1]["messageId"]]
    assert world.state(rows[0]).state != State.RECEIVED
    assert world.state(rows[1]).state == State.RECEIVED


def test_one_file_nobody_foresaw_fails_alone(world: World, log: Log) -> None:
    rows = [world.receive(*drawn(number)) for number in (1, 2, 3)]
    messages = [world.message(row) for row in rows]
    world.textract.answers = [None, ZeroDivisionError("surprise"), None]
    assert world.read(*messages) == [messages[1]["messageId"]]
    assert [world.state(row).state == State.RECEIVED for row in rows] == [False, True, False]
    (line,) = [line for line in log.lines if line.get("message") == "failed"]
    assert (line["kind"], line["message_ids"]) == ("ZeroDivisionError", [messages[1]["messageId"]])
    assert "surprise" not in str(line)


def test_a_file_that_kills_its_worker_is_found_by_its_mark(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row, good = world.receive(*drawn()), world.receive(*drawn(2))

    def killed(content: bytes) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("receipts.image.prepare", killed)
        for receives in range(1, 7):
            assert len(world.read(world.message(row, receives))) == 1
        assert world.state(row).state == State.RECEIVED
        assert world.read(world.message(row, 7)) == []
    assert (world.state(row).state, world.state(row).reason) == (State.QUARANTINED, "unreadable")
    for receives in range(4, 30):
        world.textract.always = refusal("AnalyzeExpense")
        assert len(world.read(world.message(good, receives))) == 1
    world.textract.always = None
    assert world.read(world.message(good, 30)) == []
    assert world.state(good).state != State.QUARANTINED, "delays leave no mark"


def test_bytes_that_are_gone_or_others_are_refused(world: World) -> None:
    content, _ = drawn()
    gone, changed, touched = (world.receive(*drawn(n)) for n in (1, 2, 3))
    world.s3.delete_object(Bucket="documents", Key=gone.key)
    world.s3.put_object(Bucket="documents", Key=changed.key, Body=content)
    assert world.read(world.message(gone), world.message(changed)) == []
    assert (world.state(gone).reason, world.state(changed).reason) == ("bytes-gone", "bad-checksum")
    body = world.buckets["documents"][touched.key].body
    world.tables.client.update_item(
        TableName="ledger",
        Key={"batch_id": {"S": touched.batch_id}, "item": {"S": f"file#{touched.file_id}"}},
        UpdateExpression="SET etag = :other",
        ExpressionAttributeValues={":other": {"S": '"of-an-upload-before"'}},
    )
    assert body == world.buckets["documents"][touched.key].body
    assert world.read(world.message(touched)) == []
    assert world.state(touched).state in (State.READ, State.REVIEW), "put twice, the same"


def test_pixels_above_the_customers_day_are_refused_and_counted_once(simulated: Cloud, tables: Tables) -> None:
    content, sheet = drawn()
    pixels = sheet.size[0] * sheet.size[1]
    limits = LIMITS.model_copy(update={"pixels": pixels + 1})
    world = World(simulated, tables, limits=limits.model_dump_json())
    row, second = world.receive(content, sheet), world.receive(*drawn(2))
    world.textract.answers = [refusal("AnalyzeExpense"), None]
    assert len(world.read(world.message(row))) == 1
    assert world.read(world.message(row), world.message(second)) == []
    assert world.state(row).state in (State.READ, State.REVIEW)
    assert (world.state(second).state, world.state(second).reason) == (State.QUARANTINED, "over-daily-limit")


def test_messages_that_tell_of_no_file_are_quarantined_and_newer_ones_wait(world: World) -> None:
    row = world.receive(*drawn())
    forged = world.message(row, customer_id="another")
    unknown = world.message(row, file_id="0" * 32)
    rubbish = [world.record(body) for body in ("no", "[]", '{"v": 1}', '{"v": 1, "v": 1}', "1", '{"v": NaN}')]
    newer = world.record('{"v": 2, "whatever": []}')
    assert world.read(forged, unknown, *rubbish, newer) == [newer["messageId"]]
    reasons = sorted(line["reason"] for line in world.quarantined())
    assert reasons.count("no-batch") == 2
    assert len(reasons) == 8
    assert world.textract.pages == []


def test_the_database_away_for_a_while_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = world.receive(*drawn())
    for method in ("file", "claim_pixels", "read"):
        with monkeypatch.context() as patch:
            patch.setattr(world.function._ledger, method, lambda *a: (_ for _ in ()).throw(unreachable()))
            assert len(world.read(world.message(row))) == 1
    assert world.state(row).state == State.RECEIVED
    assert world.read(world.message(row)) == []
    assert world.state(row).state in (State.READ, State.REVIEW)
    assert len(world.results()) == 1
