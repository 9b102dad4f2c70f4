"""The laws of receipts and harvest on the live page, by rows."""

from __future__ import annotations

from typing import Any

import pytest

from harvest.parcels import Parcel, Task, child_id, root_id
from harvest.run_rows import RUNNING, Run
from receipts.accounting import Rows
from receipts.rows import Batch, FileRow, Outcome, State
from tools.live.harvest.tasks import FAILED, GONE, OK, OPEN, walked
from tools.live.receipts.files import AWAITED, DELIVERED, NOTHING, READ, REFUSED, TO_READ, FilesOf, places_of

RUN = Run("run", "daily", "account", RUNNING, 1, 100, roots=1)
BATCH = Batch("b", "customer", "files", "", 0, 0, 0, 6, None)


def file(file_id: str, state: State) -> FileRow:
    return FileRow("b", "customer", file_id, state, "x.jpg", "bucket", "key", "etag", 1, 0)


def test_each_place_of_a_batch_has_one_word() -> None:
    outcomes = {
        0: Outcome(0, "a", "f0"), 1: Outcome(1, "b", "f1"), 2: Outcome(2, "c", "f2"),
        3: Outcome(3, "d", reason="not-a-picture"), 4: Outcome(4, "e", reason="junk", ignored=True),
    }  # fmt: skip
    files = {
        "f0": file("f0", State.DELIVERED), "f1": file("f1", State.REVIEW), "f2": file("f2", State.RECEIVED),
    }  # fmt: skip
    words = list(places_of(BATCH, Rows({}, outcomes, files)).values())
    assert words == [DELIVERED, READ, TO_READ, REFUSED, NOTHING, AWAITED]


def test_a_file_whose_row_is_gone_is_missing() -> None:
    assert places_of(BATCH, Rows({}, {0: Outcome(0, "a", "f0")}, {}))["b/0"] == ""


class Ledger:
    """One batch, whose rows a test writes."""

    def batch(self, _: str) -> Batch:
        return BATCH._replace(files=3)

    def items(self, _: str) -> None:
        return None


def test_what_is_not_in_the_database_is_missing_and_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = {0: Outcome(0, "a", "f0"), 1: Outcome(1, "b", "f1"), 2: Outcome(2, "c", reason="not-a-picture")}
    rows = {"f0": file("f0", State.DELIVERED)._replace(receipts=2), "f1": file("f1", State.READ)}
    monkeypatch.setattr("tools.live.receipts.files.accounting.sort", lambda _: Rows({}, outcomes, rows))
    files: Any = object.__new__(FilesOf)
    files._ledger, files._words, files._lost, files._closed = Ledger(), {}, {}, set()
    for stands, done, missing in (({("customer", "f0")}, 3, set()), (set(), 2, {"b/0"})):
        files._read("b", lambda _, stands=stands: stands)
        assert (files.done, files.to_deliver, files.balance().missing) == (done, 1, missing)
        assert files.balance().left.value == 3


def parcel(id_: str, *names: str, **more: object) -> Parcel:
    return Parcel(id_, tuple(Task("data", ("g", name)) for name in names), level="data", group="g", **more)  # type: ignore[arg-type]


def tree() -> dict[str, Parcel]:
    root, one, two = root_id(0), child_id(root_id(0), "k", 0), child_id(root_id(0), "k", 1)
    again = child_id(one, "5", 0)
    return {
        root: parcel(root, state="settled", key="k", children=2),
        one: parcel(
            one, "a", "b", "c", "d", state="settled", outcomes=("ok", "gone", "failed", "again"), key="5", children=1
        ),
        two: parcel(two, "e"),
        again: parcel(again, "d", new=False),
    }


def test_each_task_of_a_run_has_one_word() -> None:
    found = walked(RUN, tree())
    assert sorted(found.became.values()) == sorted([OK, GONE, FAILED, OPEN, OPEN])
    assert (len(found.known), found.missing) == (5, set())
    assert found.counts == {OK: 1, GONE: 1, FAILED: 1, OPEN: 2}


def test_a_parcel_that_is_gone_is_missing() -> None:
    rows = tree()
    gone = next(id_ for id_, one in rows.items() if not one.new)
    del rows[gone]
    found = walked(RUN, rows)
    assert found.missing == {f"run/parcel {gone}", "run/data/g/d"}
