"""The ledger's rows as they are written, each held to the one that was there before."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tools.simulation.receipts import deployed

if TYPE_CHECKING:
    from tools.simulation.receipts.checker import Checker

Item = dict[str, Any]
Place = tuple[str, str]
SECOND = 1_000_000
LOOKED_AT_EVERY_US = 60 * SECOND
STANDS = {  # what of a row never changes
    "#batch": ("customer_id", "kind", "content", "created_at", "ttl", "files", "archive", "ready", "entries", "ranges"),
    "file": ("customer_id", "name", "bucket", "key", "etag", "size", "received_at", "ttl", "pixels", "result_key"),
}
NEXT = {
    "received": ("received", "read", "review", "quarantined"),
    "read": ("read", "delivered", "quarantined"),
    "review": ("review", "read", "delivered", "quarantined"),
    "quarantined": ("quarantined", "delivered"),
}
LANES = "#lanes"  # in place of a batch
PERSON = {"S": "review#"}  # whom a delivered file may wait for, and none waits for as long as they


class Ledger:
    """The rows of one history."""

    def __init__(self, checker: "Checker") -> None:
        self._checker, self._world = checker, checker._world
        self.rows: dict[Place, Item] = {}
        self._of: dict[str, dict[str, Item]] = {}  # by batch
        self.to_deliver: set[Place] = set()  # files that wait for their delivery
        self._open: tuple[int, list[str]] = (-1, [])

    def written(self, place: Place, row: Item | None, operation: str) -> None:
        """A row was written."""
        if place[0] == LANES:
            return
        before = self.rows.get(place)
        kind = place[1].partition("#")[0] or "#batch"
        self._open = (-1, [])
        if row is None:
            self._forgotten(place, before)
            return
        self.rows[place] = row
        self._of.setdefault(place[0], {})[place[1]] = row
        if "ttl" not in row:
            self._broken("ledger", f"{place} stays for ever")
        if before is not None:
            self._stands(place, kind, before, row)
        if kind == "file":
            waits = row.get("waiting", PERSON)["S"].startswith("delivery#")
            (self.to_deliver.add if waits else self.to_deliver.discard)(place)
            self._file(place, before, row, operation)
        elif kind in ("slot", "range"):
            self._outcomes(place, before, row)
        elif kind == "#batch" and before and "waiting" in before and "waiting" not in row:
            self._looked_at_last(place[0])

    def _broken(self, check: str, detail: str) -> None:
        self._checker.broken(check, detail)

    def _forgotten(self, place: Place, before: Item | None) -> None:
        if place[1] != "#batch" or (before and "ready" in before):
            self._broken("ledger", f"{place} is deleted")
        self.rows.pop(place, None)
        self._of.get(place[0], {}).pop(place[1], None)

    def _stands(self, place: Place, kind: str, before: Item, row: Item) -> None:
        for name in STANDS.get(kind, ()):
            if name in before and row.get(name) != before[name]:
                self._broken("ledger", f"{place}: {name} was {before[name]} and is {row.get(name)}")
        # of a batch that was never ready there may be one left, under a token that is used again
        is_ready = "ready" in self.rows.get((place[0], "#batch"), ())
        if kind == "manifest" and is_ready and {**row, "v": 0} != {**before, "v": 0}:
            self._broken("ledger", f"{place} has changed")

    def _file(self, place: Place, before: Item | None, row: Item, operation: str) -> None:
        state = row["state"]["S"]
        if before is None:
            if state != "received" or "waiting" not in row or "bucket" not in row:
                self._broken("ledger", f"{place} begins as {row}")
            return
        was = before["state"]["S"]
        if operation == "PutItem" or state not in NEXT.get(was, (was,)):
            self._broken("ledger", f"{place} was {was} and is {state}, by {operation}")
        if was != "received":
            self._checker.fates.written(place, before, row)
        elif state == was:
            self._stays(place, row)
        elif state == "quarantined":
            file_id = place[1].removeprefix("file#")
            if not self._checker.has_line(place[0], row["reason"]["S"], file_id=file_id):
                self._broken("quarantine", f"{place} is refused for {row['reason']['S']}, and no line says so")
            if row["reason"]["S"] == "reader-answer-invalid":
                self._checker.judge_rubbish((place[0], file_id))
            if "waiting" in row:
                self._broken("ledger", f"{place} is refused, and still waits for {row['waiting']['S']}")
        else:
            self._read(place, row, state)

    def _stays(self, place: Place, row: Item) -> None:
        if "waiting" not in row:
            self._broken("lost", f"{place} waits for nothing any more, and is not read")

    def _read(self, place: Place, row: Item, state: str) -> None:
        """A file is said to be read: its document is there, and says the same."""
        found = self._checker.document_of(row["result_key"]["S"])
        if found is None:
            self._broken("lost", f"{place} is {state}, and its document is nowhere")
            return
        is_for_review = not found["receipts"] or any(one["review"] for one in found["receipts"])
        said = {
            "state": "review" if is_for_review else "read",
            "file": f"file#{found['file_id']}",
            "customer": found["customer_id"],
            "receipts": str(len(found["receipts"])),
            "same_as": None if found["batch_id"] == place[0] else found["batch_id"],
        }
        same = row.get("same_as", {}).get("S")
        mine = [state, place[1], row["customer_id"]["S"], row["receipts"]["N"], same]
        if list(said.values()) != mine:
            self._broken("document", f"{place} is {mine}, and its document {said}")
        if not row.get("waiting", {"S": ""})["S"].startswith("delivery#"):
            self._broken("lost", f"{place} is {state}, and waits for no delivery")

    def _outcomes(self, place: Place, before: Item | None, row: Item) -> None:
        """What became of uploads or entries: what is taken stays so, what is refused has a line."""
        now = outcomes_of(row)
        for number, one in (outcomes_of(before) if before else {}).items():
            if "file_id" in one and now.get(number, {}).get("file_id") != one["file_id"]:
                self._broken("lost", f"{place}: {one} was taken, and is {now.get(number)}")
            if number not in now:
                self._broken("lost", f"{place}: {one} is forgotten")
        for number, one in now.items():
            if "file_id" in one:
                if (place[0], f"file#{one['file_id']['S']}") not in self.rows:
                    self._broken("lost", f"{place}: {one} is taken, and there is no such file")
            elif "ignored" in one or place[1].startswith("slot#gone#"):
                continue
            elif not self._checker.has_line(place[0], one["reason"]["S"], place=number):
                self._broken("quarantine", f"{place}: {one} is refused, and no line says so")

    def _looked_at_last(self, batch_id: str) -> None:
        """The sweep looks at a batch's uploads no more: nothing may be left of them."""
        row = self.rows[batch_id, "#batch"]
        stored = self._stored(batch_id)
        if self._missing(batch_id, row) and (stored or "entries" in row):
            self._broken("lost", f"{batch_id} is swept no more, with {self._missing(batch_id, row)} in {stored}")

    # --- what is known ---

    def files(self) -> Iterator[Item]:
        """The rows of all files."""
        return (row for (_, item), row in self.rows.items() if item.startswith("file#"))

    def announced(self, batch_id: str) -> list[str]:
        """The names of the manifest."""
        manifests = [row for item, row in sorted(self._of.get(batch_id, {}).items()) if item.startswith("manifest#")]
        return [one["M"]["name"]["S"] for row in manifests for one in row["expected"]["L"]]

    def outcomes(self, batch_id: str) -> dict[int, Item]:
        """What became of each place."""
        found: dict[int, Item] = {}
        for item, row in self._of.get(batch_id, {}).items():
            if item.startswith(("slot#", "range#")):
                found |= {
                    number: one for number, one in outcomes_of(row).items() if "file_id" not in found.get(number, ())
                }
        return found

    def open_batches(self) -> list[str]:
        """Batches of which something may still come, is not read, or is to be looked at."""
        now = self._world.stage.now
        if self._open[0] < 0 or now - self._open[0] > LOOKED_AT_EVERY_US:
            ready = [place[0] for place, row in self.rows.items() if place[1] == "#batch" and "ready" in row]
            self._open = now, [batch_id for batch_id in ready if self._is_open(batch_id)]
        return self._open[1]

    def _is_open(self, batch_id: str) -> bool:
        rows = self._of[batch_id]
        if "waiting" in rows["#batch"]:
            return True
        files = (row for item, row in rows.items() if item.startswith("file#"))
        return any(not row.get("waiting", PERSON)["S"].startswith("review#") for row in files)

    def _missing(self, batch_id: str, row: Item) -> list[int]:
        """Places that have come to nothing yet, of those that are announced or stored."""
        done = self.outcomes(batch_id)
        if "archive" not in row:
            return [slot for slot in self._stored(batch_id) if slot not in done and slot < int(row["files"]["N"])]
        if "entries" not in row:
            return [] if -1 in done else [-1]
        return [place for place in range(int(row["entries"]["N"])) if place not in done]

    def _stored(self, batch_id: str) -> list[int]:
        """The slots whose uploads are in the bucket; -1 is the archive's."""
        prefix = f"in/{batch_id}/"
        held = self._world.cloud.s3.buckets[deployed.UPLOADS]
        names = [key.removeprefix(prefix) for key in held if key.startswith(prefix)]
        return [-1 if name == "archive.zip" else int(name) for name in names if name == "archive.zip" or name.isdigit()]


def outcomes_of(row: Item) -> dict[int, Item]:
    """The outcomes of a row, by their place."""
    return {int(one["M"]["place"]["N"]): one["M"] for one in row["outcomes"]["L"]}
