"""What a client sends of a pile, and how files by state are told and drawn."""

from __future__ import annotations

import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from receipts import archive as unpacking
from tests.operations.receipts.receipts_operated import Operated, operated
from tests.traffic.receipts.receipts_judged import pile
from tools.common.errors import CommandError
from tools.traffic.client import Answer
from tools.traffic.queue_picture import Sample
from tools.traffic.receipts import api, states
from tools.traffic.receipts.archive import zipped

__all__ = ["operated"]


def test_an_archive_is_the_same_each_time_and_split_takes_it() -> None:
    made = zipped(pile())
    assert made == zipped(pile())
    opened = unpacking.opened(io.BytesIO(made.content), len(made.content))
    entries = opened.infolist()
    assert len(entries) == made.entries == len(pile().files) + made.left
    left = [one for one in entries if unpacking.left_by_a_system(one)]
    assert len(left) == made.left == 3
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert all(archive.read(one.name) == one.content for one in pile().files)


class Server:
    """A client whose answers are the test's."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.asked = list(answers), list[tuple[str, str, Any]]()

    def call(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None) -> Answer:
        self.asked.append((method, path, json.loads(body) if body else content_type))
        return self.answers.pop(0)


def test_requests_say_what_comes() -> None:
    server: Any = Server(Answer(201, {}), Answer(201, {}))
    api.post(server, api.of_archive("c-1", "t-1", b"zip"))
    api.post(server, api.of_files("c-1", "t-2", {"a.jpg": (b"one", "image/jpeg")}))
    (_, path, archive), (_, _, files) = server.asked
    assert path == "/v1/batches"
    assert archive["archive"] == {"size": 3, "sha256": sha256(b"zip").hexdigest()}
    (one,) = files["files"]
    assert one == {"name": "a.jpg", "size": 3, "sha256": sha256(b"one").hexdigest(), "content_type": "image/jpeg"}


def test_an_account_is_read_page_by_page() -> None:
    pages = [{"files": [1, 2], "next": 2, "counts": {}}, {"files": [3], "next": None, "counts": {}}]
    server: Any = Server(*(Answer(200, page) for page in pages))
    assert api.account(server, "b")["files"] == [1, 2, 3]
    assert [path for _, path, _ in server.asked] == ["/v1/batches/b?after=0", "/v1/batches/b?after=2"]
    refused: Any = Server(Answer(404, {}))
    with pytest.raises(CommandError, match="the account of b is not answered: 404"):
        api.account(refused, "b")


def test_the_states_of_a_batch_are_watched(operated: Operated) -> None:
    watch = states.StateWatch(operated.deployment)
    assert (watch._look(), watch.is_open) == (dict.fromkeys(states.COLOURS, 0), True), "no batch yet"
    watch.batch_id = operated.batch()
    operated.read(watch.batch_id, "a.jpg", review=True)
    assert states.words(watch._look()) == "for review 1, refused 1, to be read 1"
    assert watch.is_open
    operated.refuse(watch.batch_id, "deep/b.jpg")
    assert states.words(watch._look()) == "for review 1, refused 2"
    assert not watch.is_open


def test_states_are_told_and_drawn(tmp_path: Path) -> None:
    samples = [Sample(float(at), {state: at * n for n, state in enumerate(states.COLOURS)}) for at in range(3)]
    assert states.words(samples[1].depths) == "read 1, for review 2, refused 3, to be read 4, expected 5"
    svg, png = states.image(samples, "A title", tmp_path)
    assert "<!-- for review (at last 4) -->" in svg.read_text()
    assert png.read_bytes().startswith(b"\x89PNG")
