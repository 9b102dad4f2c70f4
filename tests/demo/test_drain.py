"""Waiting has a bound, and says what hangs."""

from typing import Any

import pytest

from demo import drain
from devcloud.runs import LocalCloudError
from operations.place import Place

QUEUES = {name: {"url": name, "dead_letter_url": f"{name}-dlq"} for name in ("ingest", "count", "tick")}


class Pipeline:
    """Heads and folds as the tables hold them, and messages as the queues do."""

    def __init__(self, *, done: int = 0, upto: int = 0, dead: int = 0, open: bool = False) -> None:  # noqa: A002
        self.done, self.upto, self.dead, self.open = done, upto, dead, open

    def get_item(self, **given: Any) -> dict[str, Any]:
        if "shard" in given["Key"]:
            return {"Item": {"done": {"N": str(self.done)}}} if given["Key"]["shard"]["N"] == "0" else {}
        fold = {"upto": {"M": {"0": {"N": str(self.upto)}}}, "epoch": {"N": "1"}, "as_of": {"N": "1"}}
        return {"Item": fold | ({"open": {"M": {}}} if self.open else {})}

    def get_queue_attributes(self, **given: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.dead if given["QueueUrl"] == "count-dlq" else 0)}}


def _wait(pipeline: Pipeline, depths: dict[str, int], monkeypatch: pytest.MonkeyPatch, *, dead_letters: bool = False) -> None:
    monkeypatch.setattr(drain, "EVERY_SECONDS", 0.001)
    monkeypatch.setattr(Place, "client", lambda *_: pipeline)
    outputs = {"queues": QUEUES, "tables": {"journal": "journal", "tallies": "tallies"}, "settings": {"shards": 2}}
    drain.until_drained(Place("local", outputs, None, {}), lambda: depths, bound=0.05, told=lambda *_: None, dead_letters=dead_letters)


def test_drained(monkeypatch: pytest.MonkeyPatch) -> None:
    _wait(Pipeline(done=3, upto=3), {"ingest": 0}, monkeypatch)
    _wait(Pipeline(), {"ingest": 0}, monkeypatch)
    _wait(Pipeline(dead=2), {"ingest": 0}, monkeypatch, dead_letters=True)


@pytest.mark.parametrize(
    ("pipeline", "depths", "said"),
    [
        (Pipeline(), {"ingest": 7}, "7 messages in ingest"),
        (Pipeline(done=5, upto=3), {"ingest": 0}, "2 journal entries that no epoch has folded"),
        (Pipeline(open=True), {"ingest": 0}, "an epoch is still open"),
        (Pipeline(dead=2), {"count": 1}, "dead letters: 2 of count"),
        (Pipeline(dead=2), {"count": 0}, "messages failed and became dead letters: 2 of count"),
    ],
)
def test_what_hangs_is_said(pipeline: Pipeline, depths: dict[str, int], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LocalCloudError) as error:
        _wait(pipeline, depths, monkeypatch)
    assert said in str(error.value)
