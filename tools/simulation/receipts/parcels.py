"""What a customer sends: the files or the archive of a batch, and what must become of each."""

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

from tools.simulation.receipts.contents import CONTENTS, GOOD, content_of, state_of
from tools.simulation.receipts.plan import ARCHIVES, WAYS, Batch

Json = dict[str, Any]
Verdict = tuple[str, str | None]  # a state of the account, and a reason
TYPE = "image/jpeg"
MOST_ENTRIES = 8  # of an archive, see standins.SMALL
SYSTEM = ("__MACOSX/._0", "folder/", ".DS_Store")
WHOLE = {"cut off": "truncated", "no zip": "not-a-zip", "too many entries": "too-many-entries"}
OF_AN_ENTRY = {"encrypted entry": "encrypted", "bad checksum": "bad-checksum"}
ARCHIVE_NAME = "archive.zip"


@dataclass
class Parcel:
    """A batch as its customer knows it.

    `contents` are numbers in CONTENTS by place; `archive` the kind of archive, or None. `stored`
    are the slots that S3 has taken (None: the archive's), `opened` says that a 201 came.
    """

    plan: Batch
    contents: tuple[int, ...]
    archive: str | None
    stored: set[int | None] = field(default_factory=set)
    by_hand: set[str] = field(default_factory=set)  # uploads that nobody announced
    opened: bool = False
    batch_id: str = ""

    @property
    def customer(self) -> str:
        """Its customer's id."""
        return f"customer-{self.plan.customer}"

    def name(self, place: int) -> str:
        """What the file of a place is called."""
        return f"{place}-{self.contents[place]}.jpg"

    @property
    def names(self) -> list[str]:
        """The names of all files that it holds."""
        own = [self.name(place) for place in range(len(self.contents))]
        return own + list(SYSTEM) if self.archive == "with a system's files" else own

    def bytes_of(self, slot: int | None) -> bytes:
        """What is uploaded."""
        return self._zip() if slot is None else content_of(self.contents[slot])

    def body(self) -> Json:
        """The request that opens it."""
        said = {"customer_id": self.customer, "client_token": f"token-{self.plan.token}"}
        if self.archive is not None:
            made = self._zip()
            return said | {"kind": "archive", "archive": {"size": len(made), "sha256": _sha256(made)}}
        files = [
            {"name": self.name(place), "size": len(made), "sha256": _sha256(made), "content_type": TYPE}
            for place, made in enumerate(map(content_of, self.contents))
        ]
        return said | {"kind": "files", "files": files}

    def verdict(self, place: int) -> Verdict:
        """What must become of a file that nothing happens to."""
        if self.archive in OF_AN_ENTRY and place == self._spoiled:
            return "quarantined", OF_AN_ENTRY[self.archive]
        return state_of(self.contents[place])

    def units(self) -> dict[str, dict[str, int]]:
        """What it is charged with, by the end of its mark in the row of its customer's day."""
        if self.archive is None:
            sizes = [len(content_of(number)) for number in self.contents]
            return {"": {"batches": 1, "files": len(sizes), "bytes": sum(sizes)}}
        made = self._zip()
        opened = {"": {"batches": 1, "bytes": len(made)}}
        if self.archive in WHOLE:
            return opened
        unpacked = sum(len(content_of(number)) for number in self.contents)
        entries = {"files": len(self.contents), "bytes": max(0, unpacked - len(made))}
        return opened | {"#entries": entries}

    @property
    def _spoiled(self) -> int | None:
        """The place of the entry that an archive's own trouble is about: its first with bytes."""
        wrongs = [CONTENTS[number].wrong for number in self.contents]
        return next((place for place, wrong in enumerate(wrongs) if wrong != "empty"), None)

    def _zip(self) -> bytes:
        if self.archive == "no zip":
            return b"nothing of a zip " * len(self.contents)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            for place, number in enumerate(self.contents):
                made.writestr(zipfile.ZipInfo(self.name(place)), content_of(number))
            if self.archive == "too many entries":
                for number in range(MOST_ENTRIES):
                    made.writestr(zipfile.ZipInfo(f"more-{number}.jpg"), b"more")
            if self.archive == "with a system's files":
                for name in SYSTEM:
                    made.writestr(zipfile.ZipInfo(name), b"")
        packed = bytearray(file.getvalue())
        if self.archive == "cut off":
            return bytes(packed[:-30])
        if self.archive == "bad checksum" and b"content " in packed:
            packed[packed.index(b"content ")] ^= 0x20
        if self.archive == "encrypted entry" and self._spoiled is not None:
            packed[_directory_entry(packed, self._spoiled) + 8] |= 1
        return bytes(packed)


def _directory_entry(packed: bytearray, place: int) -> int:
    at = -1
    for _ in range(place + 1):
        at = packed.index(b"PK\x01\x02", at + 1)
    return at


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def parcel_of(plan: Batch) -> Parcel:
    """The batch of a plan. A batch of files holds no file without bytes: the API takes none."""
    archive = ARCHIVES[(plan.archive - 1) % len(ARCHIVES)] if plan.archive else None
    numbers = tuple(one.content % len(CONTENTS) for one in plan.files)
    if archive is None:
        numbers = tuple(number if content_of(number) else GOOD[0] for number in numbers)
    return Parcel(plan, numbers, archive)


def way_of(parcel: Parcel, slot: int | None) -> str:
    """How an upload goes."""
    plan = parcel.plan
    return WAYS[(plan.way if slot is None else plan.files[slot].way) % len(WAYS)]
