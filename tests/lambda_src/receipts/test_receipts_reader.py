"""The reader's client over the wire: requests as AWS takes them, answers however broken."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from receipts.fields import Hints
from receipts.image import ImageRefused, prepare
from receipts.picture import Page
from receipts.reader import Later, Reader
from shared import clients
from tests.lambda_src.receipts.reading import drawn
from tools.traffic.receipts import blocks

CONTENT, SHEET = drawn(1, layout="plain", language="en-GB")
PAGES = prepare(CONTENT).pages


class Raw(io.BytesIO):
    """A response's body as urllib3 gives it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.getvalue()


class Wire:
    """What the client sends, and (status, body) of what it gets."""

    def __init__(self, client: Any) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.requests: list[Any] = []
        client.meta.events.register("before-send", self._answer)

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        self.requests.append(request)
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        headers = {"Content-Type": "application/x-amz-json-1.1", "Content-Length": str(len(body))}
        return AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), Raw(body))


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """The product's own client, cut off before the network; its retries wait for nothing."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_TEXTRACT", "http://127.0.0.1:9/")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    clients.reset()
    yield Wire(clients.client("textract"))
    clients.reset()


def good() -> bytes:
    return json.dumps(blocks.answer(SHEET)).encode()


def error(code: str) -> bytes:
    return json.dumps({"__type": code, "message": "no"}).encode()


def read(pages: tuple[Page, ...] = PAGES, receives: int = 9, is_late: Callable[[], bool] = lambda: False) -> Any:
    return Reader(clients.client("textract"), Hints()).receipts(pages, receives, is_late)


def test_a_page_is_sent_as_the_service_takes_it(wire: Wire) -> None:
    wire.answers = [(200, good())]
    (receipt,) = read()
    assert receipt.merchant.value in {line.text for line in SHEET.lines}
    (request,) = wire.requests
    assert request.url == "http://127.0.0.1:9/"
    assert request.headers["X-Amz-Target"] == b"Textract.AnalyzeExpense"
    sent = json.loads(request.body)
    assert list(sent) == ["Document"]
    assert base64.b64decode(sent["Document"]["Bytes"]) == PAGES[0].content


@pytest.mark.parametrize("status", [400, 500, 503, 429])
@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"]
)
def test_what_passes_is_asked_three_times_and_then_later(wire: Wire, status: int, code: str) -> None:
    wire.answers = [(status, error(code))]
    with pytest.raises(Later) as caught:
        read()
    assert caught.value.kind == code
    tries = 1 if code == "InternalServerError" and status < 500 else 3
    assert len(wire.requests) == tries


def test_four_refusals_in_ten_are_hardly_seen(wire: Wire) -> None:
    throttle = (400, error("ThrottlingException"))
    wire.answers = [throttle, (200, good()), throttle, throttle, (200, good()), (200, good())]
    assert len(read()) == 1
    assert len(read()) == 1
    assert len(wire.requests) == 5


@pytest.mark.parametrize("code", ["UnsupportedDocumentException", "BadDocumentException", "DocumentTooLargeException"])
def test_what_never_passes_is_asked_once(wire: Wire, code: str) -> None:
    wire.answers = [(400, error(code))]
    with pytest.raises(ImageRefused) as caught:
        read()
    assert caught.value.reason == f"reader-refused:{code}"
    assert len(wire.requests) == 1


RUBBISH = {
    "no JSON": b"<html>busy</html>",
    "cut off": b'{"ExpenseDocuments": [',
    "a list": b"[]",
    "a text": b'"receipt"',
    "documents are a text": b'{"ExpenseDocuments": "all"}',
    "documents are numbers": b'{"ExpenseDocuments": [1, 2]}',
    "blocks are an object": b'{"ExpenseDocuments": [{"Blocks": {"a": 1}}]}',
    "a box of texts": json.dumps(
        {"ExpenseDocuments": [{"Blocks": [{"BlockType": "LINE", "Text": "a", "Geometry": {"BoundingBox": "x"}}]}]}
    ).encode(),
    "not even bytes of text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("body", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_asked_for_twice_and_called_by_its_name(wire: Wire, body: bytes) -> None:
    wire.answers = [(200, body)]
    with pytest.raises(ImageRefused) as caught:
        read()
    assert caught.value.reason == "reader-answer-invalid"
    assert len(wire.requests) == 2
    with pytest.raises(Later):
        read(receives=1)
    wire.answers = [(200, body), (200, good())]
    assert len(read()) == 1


def test_nobody_there_is_a_delay(wire: Wire) -> None:
    clients.reset()  # the new client is not cut off: it finds nobody at that address
    with pytest.raises(Later):
        Reader(clients.client("textract"), Hints()).receipts(PAGES, 9, lambda: False)


def test_a_page_is_not_begun_too_late_nor_waited_for_for_ever(wire: Wire) -> None:
    wire.answers = [(200, good())]
    with pytest.raises(Later):
        read(is_late=lambda: True)
    assert wire.requests == []
    wire.answers = [(200, good()), *[(400, error("ThrottlingException"))] * 50]
    with pytest.raises(Later):
        read(PAGES * 2)
    assert len(wire.requests) == 1 + 5 * 3
