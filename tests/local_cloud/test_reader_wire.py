"""The stand-in for Textract speaks its wire format, refuses as AWS does, and throttles for real.

The reading itself is replaced here; tests/local_cloud/test_reader.py has the real one.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from typing import Any

import pytest

from tools.local_cloud.reader import process
from tools.local_cloud.reader.lines import Line, answer
from tools.local_cloud.reader.process import MOST_BODY, MOST_PICTURE, RUBBISH, Reader

SIGNED = {
    "x-amz-target": "Textract.AnalyzeExpense",
    "authorization": "AWS4-HMAC-SHA256 Credential=a/20261130/us-east-1/textract/aws4_request",
}
PICTURE = b"a picture"
LINE = Line("TOTAL 5.00", 98.5, ((10.0, 20.0), (110.0, 20.0), (110.0, 40.0), (10.0, 40.0)))


class Blind(Reader):
    """A reader that sees the same line in every picture, once it may go on."""

    def __init__(self, engines: int = 1) -> None:
        super().__init__(engines)
        self.may_go_on, self.seen = threading.Event(), list[bytes]()
        self.may_go_on.set()

    def _read(self, content: bytes) -> dict[str, Any]:
        self.may_go_on.wait(10)
        self.seen.append(content)
        return answer([LINE], 200, 100)


def body(content: bytes = PICTURE) -> bytes:
    return json.dumps({"Document": {"Bytes": base64.b64encode(content).decode()}}).encode()


async def call(
    reader: Reader, content: bytes, *, path: str = "/", headers: dict[str, str] | None = None, method: str = "POST"
) -> tuple[int, bytes]:
    """One request to the application: the status and the body of what it says."""
    parts = [content[at : at + 1_000_000] for at in range(0, len(content), 1_000_000)] or [b""]
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        said.append(message)

    named = SIGNED if headers is None else headers
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(a.encode(), b.encode()) for a, b in named.items()],
    }
    await reader(scope, receive, send)
    return said[0]["status"], said[1]["body"]


def asked(reader: Reader, content: bytes, **how: Any) -> tuple[int, Any]:
    status, said = asyncio.run(call(reader, content, **how))
    return status, json.loads(said)


def test_an_answer_has_textracts_form() -> None:
    reader = Blind()
    status, said = asked(reader, body())
    assert (status, reader.seen) == (200, [PICTURE])
    assert said["DocumentMetadata"] == {"Pages": 1}
    (document,) = said["ExpenseDocuments"]
    assert (document["ExpenseIndex"], document["SummaryFields"], document["LineItemGroups"]) == (1, [], [])
    (block,) = document["Blocks"]
    assert (block["BlockType"], block["Text"], block["Confidence"], block["Page"]) == ("LINE", "TOTAL 5.00", 98.5, 1)
    assert block["Geometry"]["BoundingBox"] == {"Left": 0.05, "Top": 0.2, "Width": 0.5, "Height": 0.2}
    assert block["Geometry"]["Polygon"][0] == {"X": 0.05, "Y": 0.2}


@pytest.mark.parametrize(
    ("content", "how", "kind"),
    [
        (b"", {}, "InvalidParameterException"),
        (b"{", {}, "InvalidParameterException"),
        (b"[" * 100_000, {}, "InvalidParameterException"),
        (b'{"Document": 5}', {}, "InvalidParameterException"),
        (b'{"Document": {"Bytes": "%%%"}}', {}, "InvalidParameterException"),
        (b'{"Document": {"Bytes": ""}}', {}, "InvalidParameterException"),
        (b'{"Document": {"S3Object": {"Bucket": "b", "Name": "n"}}}', {}, "UnsupportedDocumentException"),
        (body(b"x" * (MOST_PICTURE + 1)), {}, "DocumentTooLargeException"),
        (b" " * (MOST_BODY + 1), {}, "DocumentTooLargeException"),
        (body(), {"headers": {**SIGNED, "x-amz-target": "Textract.DetectDocumentText"}}, "UnknownOperationException"),
        (body(), {"method": "GET"}, "UnknownOperationException"),
        (body(), {"headers": {"x-amz-target": SIGNED["x-amz-target"]}}, "MissingAuthenticationTokenException"),
    ],
)
def test_what_is_refused_and_how_aws_calls_it(content: bytes, how: dict[str, Any], kind: str) -> None:
    reader = Blind()
    status, said = asked(reader, content, **how)
    assert (status, said["__type"], reader.seen) == (400, kind, [])


def test_more_calls_than_it_can_take_are_throttled() -> None:
    reader = Blind(engines=1)
    reader.may_go_on.clear()

    async def many() -> list[tuple[int, bytes]]:
        calls = [asyncio.create_task(call(reader, body())) for _ in range(5)]
        await asyncio.sleep(0)  # the calls that it takes wait for the engine, the others are answered
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        reader.may_go_on.set()
        return list(await asyncio.gather(*calls))

    said = asyncio.run(many())
    kinds = [json.loads(one).get("__type") for status, one in said if status == 400]
    assert kinds == ["ThrottlingException"] * 2
    assert len(reader.seen) == 1 + process.WAITING
    assert asked(reader, body())[0] == 200


def test_it_throttles_the_share_that_it_is_told() -> None:
    reader = Blind()
    settings = json.dumps({"throttle": 0.4, "seed": 3}).encode()
    assert asked(reader, settings, path="/_reader/settings") == (200, {"throttle": 0.4, "rubbish": 0.0, "seed": 3})
    said = [asked(reader, body()) for _ in range(200)]
    throttled = [one for status, one in said if status == 400 and one["__type"] == "ThrottlingException"]
    assert 60 <= len(throttled) <= 100
    assert len(reader.seen) == 200 - len(throttled)
    assert asked(reader, b"", path="/_reader/health")[1]["throttled"] == len(throttled)


def test_it_answers_rubbish_when_it_is_told() -> None:
    reader = Blind()
    asked(reader, b'{"rubbish": 1}', path="/_reader/settings")
    said = {asyncio.run(call(reader, body()))[1] for _ in range(60)}
    assert said == set(RUBBISH)
    assert not reader.seen


@pytest.mark.parametrize("content", [b"", b"[]", b'{"throttled": 1}'])
def test_settings_that_are_none_change_nothing(content: bytes) -> None:
    reader = Blind()
    assert asked(reader, content, path="/_reader/settings")[0] == 400
    assert asked(reader, body())[0] == 200
