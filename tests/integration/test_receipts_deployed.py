"""The deployed receipts pipeline, its roles enforced: an archive and files go all the way.

Its reader knows the pages that were drawn; now and then it throttles, or answers rubbish.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from receipts import image
from receipts.rows import State, Waiting
from tests.integration.receipts_batches import CUSTOMER, account_of, asked, closed, documents_of, opened, until
from tests.support.ideal_reader import IdealReader, serving
from tests.support.left import processes_in
from tools.demo.receipts import delivered
from tools.demo.receipts.delivered import Found
from tools.demo.receipts.outage import Outage
from tools.environment.zips import functions_of
from tools.iam import roles
from tools.iam.trail import Trail, recording
from tools.local_cloud import stack
from tools.local_cloud.receipts.pipeline import database
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.findings import Finding
from tools.operations.invoke import invoke
from tools.operations.receipts import batch, ledger_rows, review, smoke, status
from tools.operations.receipts.invariants import invariants
from tools.operations.receipts.smoke_receipt import receipt as smoke_receipt
from tools.operations.receipts.uploads import put
from tools.simulation.aws.actions import Need
from tools.traffic.receipts import api, blocks, collection, drawing, layouts, verdict
from tools.traffic.receipts.archive import Archive, zipped
from tools.traffic.receipts.collection import Collection
from tools.traffic.receipts.deliveries import Delivered
from tools.traffic.receipts.drawing import Line, Sheet

# 4 calls in 10: a busy reader; rubbish is asked for again at once
FAULTS = ["", "throttle", "", "rubbish", "throttle", "", "throttle", "", "", "throttle"] * 2
# What a role may do and nothing here brings about: a batch that would pass a limit, bytes gone.
RARE = {
    "accept": {"dynamodb:GetItem", "dynamodb:DeleteItem"},
    "split": {"dynamodb:GetItem", "s3:ListBucket"},
    "read": {"s3:ListBucket", "dynamodb:GetItem", "dynamodb:UpdateItem"},
    "deliver": {"s3:ListBucket", "sqs:ChangeMessageVisibility", "sqs:SendMessage"},  # its database away, no time left
    "settle": {  # what is refused; an agent's heartbeat
        "s3:ListBucket",
        "s3:PutObject",
        "sqs:ChangeMessageVisibility",
        "dynamodb:PutItem",
    },
    "review": {"s3:ListBucket"},
    "report": {"s3:ListBucket"},
    "sweep": {"s3:ListBucket", "sqs:SendMessage", "dynamodb:UpdateItem", "dynamodb:PutItem"},
}

Json = dict[str, Any]


@pytest.fixture(scope="module")
def reader() -> Iterator[IdealReader]:
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Where it is up."""
    return Run(tmp_path_factory.mktemp("receipts"))


@pytest.fixture(scope="module")
def deployed(run: Run, reader: IdealReader) -> Iterator[Deployment]:
    """The receipts of environments/local, up, with that reader."""
    changed = {"module": {"receipts": {"endpoints": {"TEXTRACT": reader.address}}}}
    try:
        stack.up(run, lambda _: None, pipelines=("receipts",), changed=changed)
        yield Deployment.local(run)
    finally:
        stack.down(run)
    assert processes_in(run.folder) == []


@pytest.fixture(scope="module")
def trail(deployed: Deployment) -> Iterator[Trail]:
    with recording(deployed) as made:
        yield made


@pytest.fixture(scope="module")
def pile(reader: IdealReader) -> Collection:
    """Drawn files: good ones, bad ones, one twice, several in one; the reader knows their pages."""
    everything = collection.collect(40, 3)
    twice = {name for names in everything.same_content() for name in names}
    some = [file for file in everything.files if file.name in twice or len(file.receipts) > 1 or file.refused]
    plain = [file for file in everything.files if file not in some][:4]
    made = Collection((*some, *plain))
    for file in made.files:
        if not file.refused:
            pages = image.prepare(file.content).pages
            for page, sheet in zip(pages, file.sheets, strict=True):
                reader.knows(page.content, blocks.answer(sheet, by_receipt=len(pages) == 1))
    return made


@pytest.fixture(scope="module")
def archived(deployed: Deployment, trail: Trail, reader: IdealReader, pile: Collection) -> tuple[Archive, Json]:
    """The pile as one archive in one request, and the account once all of it is settled."""
    archive = zipped(pile)
    reader.faults = list(FAULTS)
    batch_of = opened(deployed, api.of_archive(CUSTOMER, "archive-1", archive.content))
    (upload,) = batch_of["uploads"]
    assert put(upload, archive.content[::-1]) in (400, 403), "other bytes than were announced"
    assert put(upload, archive.content) == 200
    return archive, closed(deployed, batch_of["batch_id"])


def test_every_file_of_an_archive_is_accounted_for_and_right(
    deployed: Deployment, archived: tuple[Archive, Json], pile: Collection, reader: IdealReader
) -> None:
    archive, account = archived
    judged = verdict.judge(pile, account["files"], documents_of(deployed, account))
    assert judged.problems == []
    assert sum(account["counts"].values()) == archive.entries
    assert account["counts"]["ignored"] == archive.left
    assert judged.refused.total() == sum(file.refused is not None for file in pile.files) > 10
    assert reader.faults == [], "the reader was busy, and answered rubbish"
    assert len(reader.read) == len(set(reader.read)), "no page is read twice"


def test_every_receipt_stands_in_the_database_once(
    deployed: Deployment, run: Run, trail: Trail, archived: tuple[Archive, Json]
) -> None:
    invoke(deployed, "wake", {})
    _, account = archived
    premises = database(run)
    found = Found("by lanes", 2, 250.0, Delivered(0.0), Outage(premises, float))
    delivered.judge(found, deployment=deployed, premises=premises, documents=documents_of(deployed, account))
    assert (found.differ, found.twice, found.dead) == ([], 0, 0)
    assert found.rows == found.receipts > 10
    assert premises.health()["peaks"]["sluice"] <= deployed.outputs["settings"]["delivery"]["lanes"]
    assert {line["state"] for line in account["files"] if "delivered_at" in line} == {State.DELIVERED}


def test_a_repeat_is_the_same_batch_and_another_archive_of_the_same_bytes_is_not_read_again(
    deployed: Deployment, archived: tuple[Archive, Json], reader: IdealReader
) -> None:
    archive, account = archived
    again = opened(deployed, api.of_archive(CUSTOMER, "archive-1", archive.content))
    assert again["batch_id"] == account["batch_id"]
    before = len(reader.read)
    other = opened(deployed, api.of_archive(CUSTOMER, "archive-2", archive.content))
    assert put(other["uploads"][0], archive.content) == 200
    second = closed(deployed, other["batch_id"])
    assert second["counts"] == account["counts"]
    read = [line for line in second["files"] if line["state"] in verdict.READ]
    assert {line["same_as"] for line in read} == {account["batch_id"]}
    assert len(reader.read) == before


def drawn(number: int) -> tuple[bytes, Sheet]:
    """A receipt, as a PNG, and its lines."""
    rows, _ = layouts.receipt(number, 77, layout="plain", language="en-GB")
    sheet = drawing.draw(rows, drawing.Print(), number)
    file = io.BytesIO()
    sheet.picture.save(file, "PNG")
    return file.getvalue(), sheet


def test_a_batch_of_files_with_one_that_never_comes(deployed: Deployment, trail: Trail, reader: IdealReader) -> None:
    content, sheet = drawn(1)
    reader.knows(image.prepare(content).pages[0].content, blocks.answer(sheet))
    files = {
        "good.png": (content, "image/png"),
        "text.jpg": (b"no picture at all, but it says so\n", "image/jpeg"),
        "never.jpg": (b"it stays at home", "image/jpeg"),
    }
    answered = opened(deployed, api.of_files(CUSTOMER, "files-1", files))
    uploads = {one["name"]: one for one in answered["uploads"]}
    for name in ("good.png", "text.jpg"):
        assert put(uploads[name], files[name][0]) == 200
    assert put(uploads["never.jpg"], files["good.png"][0]) in (400, 403)

    def states() -> dict[str, str] | None:
        account = account_of(deployed, answered["batch_id"])
        found = {line["names"][0]: line["state"] for line in account["files"]}
        assert sum(account["counts"].values()) == 3
        return found if State.RECEIVED not in found.values() and found["text.jpg"] != "expected" else None

    found = until(lambda: (now := states()) and now["good.png"] in verdict.READ and now)
    assert (found["text.jpg"], found["never.jpg"]) == ("quarantined", "expected")


def due(deployed: Deployment, batch_id: str, item: str) -> None:
    """Let a row have waited for long."""
    deployed.client("dynamodb").update_item(
        TableName=deployed.outputs["tables"]["ledger"],
        Key={"batch_id": {"S": batch_id}, "item": {"S": item}},
        UpdateExpression="SET due_at = :long_ago",
        ExpressionAttributeValues={":long_ago": {"N": "1"}},
    )


def test_what_a_queue_forgets_the_sweep_sends_again(deployed: Deployment, trail: Trail, reader: IdealReader) -> None:
    content, sheet = drawn(2)
    reader.knows(image.prepare(content).pages[0].content, blocks.answer(sheet))
    reader.is_busy = True
    batch_of = opened(deployed, api.of_files(CUSTOMER, "files-2", {"late.png": (content, "image/png")}))
    assert put(batch_of["uploads"][0], content) == 200
    until(lambda: account_of(deployed, batch_of["batch_id"])["counts"][State.RECEIVED])
    until(lambda: any(one.action == "sqs:ChangeMessageVisibility" for one in trail.used("read")))
    queue = deployed.outputs["queues"]["image"]["url"]
    deployed.client("sqs").purge_queue(QueueUrl=queue)
    (line,) = account_of(deployed, batch_of["batch_id"])["files"]
    for item in ("#batch", f"file#{line['file_id']}"):
        due(deployed, batch_of["batch_id"], item)
    reader.is_busy = False
    invoke(deployed, "sweep", {})
    account = closed(deployed, batch_of["batch_id"])
    assert account["files"][0]["state"] in verdict.READ


def test_a_message_of_a_later_release_is_given_back(deployed: Deployment, trail: Trail) -> None:
    sqs, queue = deployed.client("sqs"), deployed.outputs["queues"]["intake"]["url"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"v": 2}')
    until(lambda: any(one.action == "sqs:ChangeMessageVisibility" for one in trail.used("split")))
    sqs.purge_queue(QueueUrl=queue)


def test_what_operators_see(deployed: Deployment, archived: tuple[Archive, Json]) -> None:
    _, account = archived
    console = Console(width=240, file=io.StringIO(), record=True)
    batch.run(deployed, console, batch.Options(account["batch_id"]))
    review.run(deployed, console, review.Options(account["batch_id"]))
    said = console.export_text()
    assert f"= {sum(account['counts'].values())} files; closed" in said
    assert "not-an-image" in said
    assert f"{account['to_review']} files for review in batch {account['batch_id']}" in said
    lines = list(status.lines(deployed))
    assert any(line.startswith("files refused, by reason: ") and "too-many-pages" in line for line in lines)
    seen = [sentence for one in invariants(deployed) for sentence in one.look()]
    assert [sentence for sentence in seen if isinstance(sentence, Finding)] == []
    assert ledger_rows.waits(deployed, Waiting.IMAGE).number == 0


def test_what_a_person_closes_stands_beside_it_and_the_report_tells(
    deployed: Deployment, run: Run, trail: Trail, archived: tuple[Archive, Json]
) -> None:
    _, account = archived
    batch_id = account["batch_id"]
    listed = asked(deployed, f"{batch_id}/review").body["files"]
    assert len(listed) == account["to_review"] > 1
    file_id = next(one["file_id"] for one in listed if one["receipts"])
    answer = asked(deployed, f"{batch_id}/review/{file_id}", {"accept": True})
    assert (answer.status, answer.body["revision"]) == (200, 1), answer.body
    closed(deployed, batch_id)
    stand = f"SELECT count(*) FROM receipts WHERE file_id = '{file_id}' AND revision = 1"
    assert database(run).ask(stand) == [[str(len(answer.body["receipts"]))]]
    report = until(lambda: (found := asked(deployed, f"{batch_id}/report.csv")).status == 200 and found.body)
    lines = list(csv.DictReader(report.removeprefix("\ufeff").splitlines()))
    assert {line["corrections"] for line in lines if line["file_id"] == file_id} == {"1"}
    assert {line["verdict"] for line in lines if line["state"] == State.DELIVERED} == {"stands", "same"}


def test_smoke(deployed: Deployment, trail: Trail, reader: IdealReader) -> None:
    lines = ("SLUICE SMOKE TEST", "Date 2026-11-30", "Coffee EUR 3.20", "TOTAL EUR 4.30", "Card EUR 4.30")
    sheet = Sheet(drawing.draw([], drawing.Print(), 1).picture, tuple(_line(n, text) for n, text in enumerate(lines)))
    reader.knows(image.prepare(smoke_receipt()).pages[0].content, blocks.answer(sheet))
    console = Console(width=240, file=io.StringIO(), record=True)
    code = smoke.run(deployed, console)
    said = console.export_text()
    assert code == 0, said
    assert "a receipt was read" in said


def _line(number: int, text: str) -> Line:
    top = 10.0 * number
    return Line(text, ((10.0, top), (100.0, top), (100.0, top + 8), (10.0, top + 8)), 1)


@pytest.mark.parametrize("function", functions_of("receipts"))
def test_a_function_uses_what_its_deployed_role_allows(
    deployed: Deployment, archived: tuple[Archive, Json], trail: Trail, function: str
) -> None:
    """The emulator enforces the roles, so nothing else was used; what was not is rare, and told."""
    iam, role = deployed.client("iam"), deployed.outputs["functions"][function]["role"]
    granted = roles.granted(iam.get_role_policy(RoleName=role, PolicyName="calls")["PolicyDocument"])
    used = {Need(one.action, one.resource) for one in trail.used(function)}
    assert used, f"no call of {function} was recorded"
    assert used - granted == set()
    runtime = ("logs:", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "textract:")
    unused = {need for need in granted - used if not need.action.startswith(runtime)}
    assert {need for need in unused if need.action not in RARE.get(function, set())} == set()
