"""Waiting has a bound, and names what hangs."""

from typing import Any

import pytest

from tools.common.errors import CommandError
from tools.operations.deployment import Deployment
from tools.traffic import drain
from tools.traffic.votes.counted import until_counted

QUEUES = {name: {"url": name, "dead_letter_url": f"{name}-dlq"} for name in ("ingest", "count", "tick")}


class Pipeline:
    """Entries and folds as the tables hold them, and messages as the queues do.

    The head knows of no entry yet.
    """

    def __init__(self, *, last: int = 0, upto: int = 0, dead: int = 0, open: bool = False) -> None:  # noqa: A002
        self.last, self.upto, self.dead, self.open = last, upto, dead, open

    def get_item(self, **request: Any) -> dict[str, Any]:
        if "shard" in request["Key"]:
            head = {name: {"N": str(value)} for name, value in {"done": 0, "shards": 2, "v": 1}.items()}
            return {"Item": head} if request["Key"]["shard"]["N"] == "0" else {}
        fold = {name: {"N": "1"} for name in ("epoch", "as_of", "shards", "v")}
        opened = {"epoch": {"N": "2"}, "ends": {"M": {}}, "fixed_at": {"N": "1"}}
        return {
            "Item": fold
            | {"upto": {"M": {"0": {"N": str(self.upto)}}}}
            | ({"open": {"M": opened}} if self.open else {})
        }

    def query(self, **request: Any) -> dict[str, Any]:
        shard = request["ExpressionAttributeValues"][":shard"]["N"]
        rows = [
            {name: {"N": str(value)} for name, value in {"shard": 0, "n": n, "v": 1, "appended_at": 1}.items()}
            | {"entry": {"B": b""}}
            for n in range(1, self.last + 1)
        ]
        return {"Items": rows if shard == "0" else []}

    def get_queue_attributes(self, **request: Any) -> dict[str, Any]:
        return {
            "Attributes": {"ApproximateNumberOfMessages": str(self.dead if request["QueueUrl"] == "count-dlq" else 0)}
        }


def _wait(
    pipeline: Pipeline, depths: dict[str, int], monkeypatch: pytest.MonkeyPatch, *, dead_letters: bool = False
) -> None:
    monkeypatch.setattr(drain, "EVERY_SECONDS", 0.001)
    monkeypatch.setattr(Deployment, "client", lambda *_: pipeline)
    outputs = {
        "queues": QUEUES,
        "tables": {"journal": "journal", "votes": "votes", "tallies": "tallies"},
        "settings": {"shards": 2},
    }
    until_counted(
        Deployment("local", outputs, None, {}),
        lambda: depths,
        bound=0.05,
        dead_letters=dead_letters,
    )


def test_drained(monkeypatch: pytest.MonkeyPatch) -> None:
    _wait(Pipeline(last=3, upto=3), {"ingest": 0}, monkeypatch)
    _wait(Pipeline(), {"ingest": 0}, monkeypatch)
    _wait(Pipeline(dead=2), {"ingest": 0}, monkeypatch, dead_letters=True)


@pytest.mark.parametrize(
    ("pipeline", "depths", "text"),
    [
        (Pipeline(), {"ingest": 7}, "7 messages in ingest"),
        (Pipeline(last=5, upto=3), {"ingest": 0}, "2 journal entries that no epoch has folded"),
        (Pipeline(open=True), {"ingest": 0}, "an epoch is still open"),
        (Pipeline(dead=2), {"count": 1}, "dead letters: 2 of count"),
        (Pipeline(dead=2), {"count": 0}, "messages failed and became dead letters: 2 of count"),
    ],
)
def test_what_hangs_is_said(
    pipeline: Pipeline, depths: dict[str, int], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError) as error:
        _wait(pipeline, depths, monkeypatch)
    assert text in str(error.value)
