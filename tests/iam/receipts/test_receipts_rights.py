"""Whatever the functions of receipts call on the simulated cloud, their roles allow, in the plan of
every environment.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from unittest import mock

from receipts.messages import Range, encode
from receipts.presigned import upload_key
from receipts.settings import Limits
from shared import fanout
from tests.iam import recorded
from tests.iam.receipts import delivered
from tests.lambda_src.fakes import refusal
from tests.lambda_src.receipts import asking
from tests.lambda_src.receipts.conftest import Clock, log, receiving, simulated, tables, time
from tests.lambda_src.receipts.reading import World, delivering, drawn
from tests.lambda_src.receipts.receiving import LARGE, Receiving, jpeg, zipped
from tests.lambda_src.receipts.tables import Tables
from tests.lambda_src.stack import Context
from tests.support.plan import ROOT, plan_of, resources
from tests.terraform.hcl import ENVIRONMENTS
from tools.environment.zips import functions_of
from tools.iam import roles
from tools.simulation.aws import cloud
from tools.simulation.aws.actions import Need, Where
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.aws.used import used_by
from tools.simulation.receipts.deployed import DEPLOYED
from tools.traffic.receipts import encoding

FUNCTIONS = functions_of("receipts")
WHERE = Where("000000000000")
CODE = str(ROOT / "lambda_src/receipts")
# AWS's own in a function's role, its interfaces in a network too; what only an address that was
# signed, or a picture's reader, uses; and what lets S3 say that an object is gone
BY_OTHERS = re.compile(r"logs:|ec2:|sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)|textract:|s3:ListBucket")
SIGNED = {("accept", Need("s3:PutObject", "uploads/in/*")): "an upload to the address that it signs"}
PICTURES = {("read", Need("textract:AnalyzeExpense", "*")): "`AnalyzeExpense`"}  # by a reader of the tests' own here

__all__ = ["log", "receiving", "simulated", "tables", "time"]


def _who() -> str:
    """The function whose file is the outermost of the product's in the stack."""
    frame: FrameType | None = sys._getframe(2)
    outermost = ""
    while frame is not None:
        if frame.f_code.co_filename.startswith(CODE):
            outermost = frame.f_code.co_filename.rpartition("/")[2].removesuffix(".py")
        frame = frame.f_back
    return outermost if outermost in FUNCTIONS else ""


def _short(resource: str) -> str:
    """A resource by its own name, without pipeline, environment and account."""
    named = resource.removeprefix("arn:aws:s3:::").rpartition(":")[2].removeprefix("table/")
    if ":secretsmanager:" in resource:
        return re.sub(r"^sluice-\w+-receipts-|-[A-Za-z0-9?]{6}$", "", resource.rpartition(":secret:")[2])
    return re.sub(r"^(\w+)-000000000000", r"\1", re.sub(r"-\d{12}", "", re.sub(r"^sluice-\w+-receipts-", "", named)))


@contextmanager
def _recorded() -> Iterator[dict[tuple[str, Need], set[str]]]:
    """Function and right → the calls that used it."""
    used: dict[tuple[str, Need], set[str]] = {}

    def note(call: Call) -> None:
        if who := _who():
            for one in used_by(who, call.service, call.operation, call.params, WHERE):
                used.setdefault((who, Need(one.action, _short(one.resource))), set()).add(one.call)

    cloud.WATCHERS.append(note)
    try:
        yield used
    finally:
        cloud.WATCHERS.remove(note)


def _played(receiving: Receiving, world: World, time: Clock) -> None:
    """What goes well, and what goes wrong, up to what is to be read; and that."""
    content = jpeg("a")
    batch_id = receiving.open_files(content, jpeg("b"))
    receiving.open_files(content, jpeg("b"))
    receiving.limits = Limits(batches=1, files=1, bytes=10**9, pixels=1)
    asking.post(receiving.accept, asking.files(asking.file(content), client_token="over", customer_id="c-2"))
    asking.post(receiving.accept, asking.files(asking.file(content), client_token="over-2", customer_id="c-2"))
    receiving.limits = LARGE
    receiving.upload(batch_id, 0, content)
    receiving.step()
    receiving.account(batch_id)
    receiving.archived(zipped({"a.jpg": jpeg("c"), "b.txt": b"none", "c.jpg": jpeg("d")}), "token-z")
    for _ in range(4):
        receiving.step()
    receiving.archived(zipped({"e.jpg": jpeg("e"), "f.jpg": jpeg("f")}), "token-y")
    receiving.limits = Limits(batches=1, files=1, bytes=1, pixels=1)
    receiving.step()
    receiving.limits = LARGE
    receiving.tell(encode(Range(batch_id="a" * 26, key="in/b/a", etag="e", first=0, count=1, size=1, came_at=1)))
    receiving.tell("not JSON")
    receiving.step()
    receiving.put(upload_key(batch_id, 1), jpeg("b"))  # and nobody is told
    gone = receiving.archived(zipped({"g.jpg": jpeg("g"), "h.jpg": jpeg("h")}), "token-g")
    receiving.step()
    receiving.s3.delete_object(Bucket="uploads", Key=upload_key(gone, None))
    for _ in range(2):
        time.later(86_400)
        receiving.sweep.handle(Context())
    _read(world)


def _read(world: World) -> None:
    """A picture, one that the reader is long busy with, none, and one of the same receipt."""
    picture, sheet = drawn(1)
    row = world.receive(picture, sheet)
    for receives in (1, 5):
        world.read(world.message(row, receives=receives))
    other, second = drawn(2)
    for receives in (4, 5):
        world.read(world.message(world.receive(other, second), receives=receives))
    world.read(world.message(world.receive(b"no picture")))
    again = world.receive(encoding.jpeg(sheet, 60), sheet, bucket="uploads", key="in/b/000")  # shows the same
    world.textract.answers = [refusal("AnalyzeExpense", "ThrottlingException")]
    for receives in (1, 2):
        world.read(world.message(again, receives=receives))


def _allowed(name: str, function: str) -> set[Need]:
    policy = resources(plan_of("receipts", name), "aws_iam_role_policy")[
        f"module.receipts.module.{function}.aws_iam_role_policy.this"
    ]["policy"]
    return {Need(need.action, _short(need.resource)) for need in roles.granted(policy)}


def test_whatever_is_called_is_allowed(receiving: Receiving, simulated: Cloud, tables: Tables, time: Clock) -> None:
    world = World(simulated, tables, **delivering(simulated))
    with _recorded() as calls, mock.patch.object(fanout, "each", lambda call, items: [call(item) for item in items]):
        _played(receiving, world, time)
        delivered.played(time)
    used = {function: {need for who, need in calls if who == function} for function in FUNCTIONS}
    assert [function for function in FUNCTIONS if not used[function]] == []
    for name in ENVIRONMENTS:
        for function in FUNCTIONS:
            allowed = _allowed(name, function)
            assert sorted(used[function] - allowed) == [], f"{name}: {function} calls what it may not"
            idle = {
                need
                for need in allowed - used[function]
                if not BY_OTHERS.match(need.action) and (function, need) not in SIGNED
            }
            assert sorted(idle) == [], f"{name}: {function} may what it never calls"
    recorded.compare("receipts", DEPLOYED, calls, _short, SIGNED | PICTURES)
