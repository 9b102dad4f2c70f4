"""The reader of a run, with the engine that reads: what it reads, what it refuses, and its end."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image, ImageDraw, ImageFont

from tools.common.loopback import session
from tools.local_cloud.reader import stand_in
from tools.local_cloud.reader.stand_in import StandIn
from tools.local_cloud.runs import Run


def client(reader: StandIn) -> Any:
    from botocore.config import Config

    once = Config(retries={"total_max_attempts": 1}, read_timeout=120)
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    return session("us-east-1").client("textract", endpoint_url=reader.address, config=once, **keys)


def picture(width: int = 420, height: int = 160, *, turned: int = 0, text: bool = True) -> bytes:
    drawn = Image.new("RGB", (width, height), "white")
    if text:
        ImageDraw.Draw(drawn).text((20, 20), "TOTAL AMOUNT 12.50", "black", ImageFont.load_default(30))
        ImageDraw.Draw(drawn).text((20, 90), "Thank you", "black", ImageFont.load_default(30))
    held = io.BytesIO()
    drawn.rotate(-turned, expand=True).save(held, "PNG")
    return held.getvalue()


def test_it_reads_and_tells_which_way_text_runs(run: Run) -> None:
    reader = stand_in.start(run, engines=1)
    textract = client(reader)
    for turned, way in ((0, (1, 0)), (90, (0, 1)), (180, (-1, 0)), (270, (0, -1))):
        answer = textract.analyze_expense(Document={"Bytes": picture(turned=turned)})
        first = answer["ExpenseDocuments"][0]["Blocks"]
        (total,) = [block for block in first if "12.50" in block["Text"]]
        (a, b, *_) = total["Geometry"]["Polygon"]
        assert total["Text"].replace(" ", "") == "TOTALAMOUNT12.50"
        moved = (b["X"] - a["X"], b["Y"] - a["Y"])
        assert [round(one, 1) != 0 for one in moved] == [bool(one) for one in way], (turned, moved)
        assert sum(one * other for one, other in zip(moved, way, strict=True)) > 0.3

    assert (
        textract.analyze_expense(Document={"Bytes": picture(60, 60, text=False)})["ExpenseDocuments"][0]["Blocks"] == []
    )
    refused = {
        "UnsupportedDocumentException": [b"no picture", b"%PDF-1.7"],
        "BadDocumentException": [picture(2_000, 2, text=False), picture(10_001, 500, text=False), picture()[:300]],
    }
    for kind, contents in refused.items():
        for content in contents:
            with pytest.raises(ClientError, match=kind):
                textract.analyze_expense(Document={"Bytes": content})
    counts = reader.counts()
    assert (counts["read"], counts["refused"], counts["at_once"]) == (5, 5, 0)
    assert stand_in.start(run).address == reader.address
    reader.told(throttle=1.0)
    with pytest.raises(ClientError, match="ThrottlingException"):
        textract.analyze_expense(Document={"Bytes": picture()})
    assert stand_in.stop(run)
    assert not stand_in.stop(run)
