"""The receipts pipeline, looked at: its law, its stores, the client's database."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence, Set
from urllib.error import HTTPError

from tools.live.law import Balance
from tools.live.local import stores
from tools.live.local.breaking import Breaking
from tools.live.local.costs import Units
from tools.live.local.faults import Fault
from tools.live.local.loads import Shape
from tools.live.local.messages import Held
from tools.live.local.place import Place
from tools.live.local.watched import Json, Watched
from tools.live.receipts import faults, follow, loads
from tools.live.receipts.files import FilesOf, Key
from tools.local_cloud.premises import stand_in
from tools.local_cloud.reader import stand_in as reader

RECENT_SECONDS = 10.0
BUCKETS = ("uploads", "documents")


class WatchedReceipts(Watched):
    """One receipts pipeline; `database` is None where none of ours is beside it."""

    called: Sequence[str] = ("accept", "account", "report", "review")

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.files = FilesOf(place)
        self.database = stand_in.running(place.run)
        self._stands: set[Key] = set()
        self._health: Json = {}
        self._pages = 0
        self._read_before: int | None = None
        self._statements = 0
        self._recent: deque[tuple[float, float]] = deque(maxlen=2_000)  # when, milliseconds

    def balance(self, held: Mapping[str, Held]) -> Balance:
        """Where every file is."""
        del held  # a message is a pointer: what it points to stands in the ledger
        self.files.read(self._standing)
        return self.files.balance()

    def look(self) -> Json:
        """The stores, and the database."""
        nodes = stores.tables(self.place, "ledger") | stores.buckets(self.place, *BUCKETS)
        self._look_at_reader()
        return nodes | {"target/database": self._look_at_database()}

    def done(self) -> int:
        """Files that are read or refused."""
        return self.files.done

    def units(self) -> Units:
        """Pages that Textract would have read since the page began."""
        return {"textract_expense_pages": self._pages}

    def extra(self) -> list[Json]:
        """Connections and latency of the database, and what waits for it."""
        if not self._health:
            return []
        return [
            {"name": "to deliver", "value": self.files.to_deliver, "unit": "files"},
            {"name": "database latency", "value": self._latency(), "unit": "ms"},
            {"name": "connections", "value": self._health["open"], "unit": ""},
        ]

    def shapes(self) -> Sequence[Shape]:
        """A batch of pictures."""
        return loads.shapes(self.place, self.files.opened)

    def faults(self, breaking: Breaking) -> Sequence[Fault]:
        """What can be broken of it."""
        return faults.faults(breaking, self.database)

    def follow(self, what: str) -> list[Json] | None:
        """The way of a batch's file, "batch/place", or of a whole batch."""
        return follow.steps(self.place, what)

    def _look_at_reader(self) -> None:
        there = reader.running(self.place.run)
        try:
            read = there.counts()["read"] if there else 0
        except OSError:  # it is loading what reads: the next look has its count
            return
        if self._read_before is None:
            self._read_before = read
        self._pages = max(0, read - self._read_before)

    def _look_at_database(self) -> Json:
        if self.database is None:
            return {"latency_ms": None, "rate": None, "connections": None}
        self._health = self.database.health()
        told = self.database.log(self._statements)
        self._statements = self._health["statements"]
        self._recent.extend((at, took) for at, took, word in told if word == "INSERT")
        since = time.time() - RECENT_SECONDS
        rate = sum(at > since for at, _ in self._recent) / RECENT_SECONDS
        said = {"latency_ms": self._latency(), "rate": round(rate, 2), "connections": self._health["open"]}
        return said if self._health["up"] else said | {"failing": "stopped"}

    def _standing(self, wanted: set[Key]) -> Set[Key] | None:
        """Of these, those that have a row: what stands is never deleted, so it is asked once."""
        if self.database is None:
            return None
        if not wanted <= self._stands:
            table = self.place.deployment.outputs["settings"]["delivery"]["table"]
            try:
                rows = self.database.ask(f"SELECT DISTINCT customer_id, file_id FROM {table}")  # noqa: S608 (a setting)
            except HTTPError:  # it is stopped
                return None
            self._stands = {(row[0], row[1].strip()) for row in rows}
        return self._stands

    def _latency(self) -> float | None:
        took = sorted(took for at, took in self._recent if at > time.time() - RECENT_SECONDS)
        return round(took[len(took) // 2], 1) if took else None
