"""Witnesses are chosen and named by a key that no client knows."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any
from zlib import crc32

import pytest
from botocore.exceptions import ClientError

from shared import clock, witness
from shared.keys import Key
from shared.witness import Witnessing
from tests.lambda_src.fakes import refusal, unreachable
from tests.support.captured import Log, own_logger
from tests.support.witnessing import Keys, witnessing

IDS = [f"ballot-{number}" for number in range(20_480)]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "witness")
    with own_logger("witness") as made:
        yield made


class Table:
    """A table of keys that fails so often, then answers with this row."""

    def __init__(self, *errors: Exception, row: dict[str, Any] | None = None) -> None:
        self.errors, self.row, self.asked = list(errors), row, 0

    def get_item(self, **_: Any) -> dict[str, Any]:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return {"Item": self.row} if self.row else {}


ROW = Keys().get_item()["Item"]


def accept(accepting: Witnessing) -> None:
    """As whoever accepts an item does."""
    accepting.prepare()
    accepting.accepted(["a"])


def told(table: Table) -> Witnessing:
    return Witnessing(Key(table, "keys", witness.KEY), 1)


def test_one_in_so_many_is_chosen_by_its_id_alone() -> None:
    chosen = witnessing(1024).hashes(IDS)
    assert 8 <= len(chosen) <= 40
    assert witnessing(1024).hashes(reversed(IDS)) == chosen[::-1]
    assert set(chosen) <= set(witnessing().hashes(IDS))
    assert len(set(witnessing().hashes(IDS))) == len(IDS)
    assert witnessing().hashes(["\ud800"]), "what is not an identifier is no trouble"


def test_a_client_cannot_make_its_ballots_witnesses() -> None:
    """Ids whose checksum fits: that was the choice once, and made 500 of 500 witnesses."""
    fitting = [one for one in (f"{number:x}" for number in range(600_000)) if crc32(one.encode()) % 1024 == 0][:500]
    assert len(fitting) == 500
    assert len(witnessing(1024).hashes(fitting)) <= 4


def test_a_line_does_not_lead_back_to_an_id(log: Log) -> None:
    telling = witnessing()
    telling.prepare()
    telling.accepted(["ballot-1"])
    (line,) = log.lines
    assert (line["witness"], line["outcome"], line["level"]) == ("accepted", "accepted", "INFO")
    guesses = {blake2b(b"ballot-1", digest_size=size).hexdigest()[:16] for size in (8, 16, 32, 64)}
    assert not guesses & set(line["hashes"])
    assert line["hashes"] == witnessing().hashes(["ballot-1"])
    assert line["key"] not in (ROW["key"]["B"].hex(), "")


def test_accepting_waits_for_no_key_and_asks_again_soon(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new role is refused for seconds: what is accepted meanwhile is not watched."""
    now = 100.0
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    table = Table(unreachable(), refusal("GetItem"), row=ROW)
    accepting = told(table)
    for _ in range(3):
        accept(accepting)
    assert table.asked == 1
    assert [line["kind"] for line in log.lines] == ["ConnectTimeoutError"]
    now += 1
    accept(accepting)
    now += 2
    accept(accepting)
    assert table.asked == 3
    assert [line.get("witness") for line in log.lines] == [None, None, "accepted"]


def test_a_table_that_stays_out_is_asked_less_and_less_often(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time may cost a request two seconds."""
    now, asked_at = 0.0, list[float]()
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    table = Table(*[unreachable()] * 60)
    accepting = told(table)
    for second in range(120):
        now, before = float(second), table.asked
        accept(accepting)
        asked_at += [now] * (table.asked - before)
    assert asked_at == [0, 1, 3, 7, 15, 31, 61, 91]
    assert len(log.lines) == len(asked_at)


def test_what_was_accepted_before_there_was_a_key_has_no_line(log: Log) -> None:
    """It may be settled by then, without one: that would be a false loss."""
    table = Table()
    accepting = told(table)
    accepting.prepare()
    table.row = ROW  # another made it meanwhile
    accepting.accepted(["a"])
    assert log.lines == []
    accept(accepting)
    assert len(log.lines) == 1


def test_settling_without_the_key_is_an_error(log: Log) -> None:
    settling = told(Table(refusal("GetItem"), row=ROW))
    with pytest.raises(ClientError, match="Throttling"):
        settling.settled("counted", ["a"])
    settling.settled("counted", ["a"])
    assert [line["outcome"] for line in log.lines] == ["counted"]


def test_where_there_is_no_key_yet_nobody_told_of_anything_accepted(log: Log) -> None:
    table = Table()
    settling = told(table)
    settling.settled("counted", ["a"])
    table.row = ROW
    settling.settled("counted", [])
    assert (table.asked, log.lines) == (1, [])
    settling.settled("counted", ["a"])
    assert len(log.lines) == 1
