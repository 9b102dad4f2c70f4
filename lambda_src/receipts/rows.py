"""The rows of the ledger, as DynamoDB's items and as what they say.

A batch is one partition: `#batch`, what was asked for; `manifest#…`, the files it named; `slot#…`
and `range#…`, what became of each upload and of each entry of an archive; `file#…`, the state of
each file.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple
from zlib import crc32

from receipts import expected
from receipts.expected import Expected
from receipts.revisions import WAITS, Review
from shared.dynamo import number
from shared.versions import require_known

VERSION = 1
SLOTS_A_ROW = 25
# An upload that began in time may take so long: S3 looks at the address when it begins.
UPLOAD_LASTS_US = 3600 * 1_000_000
ARCHIVE_PLACE = -1  # of an archive as a whole: its entries have those from 0 on
WAITING_SHARDS = 8  # of each kind of waiting rows in the index, so that no partition is hot

Item = dict[str, Any]


class State(StrEnum):
    """What has become of a file."""

    RECEIVED = "received"
    READ = "read"
    REVIEW = "review"
    QUARANTINED = "quarantined"
    DELIVERED = "delivered"


class Waiting(StrEnum):
    """What a row waits for, in the index of that name; `due_at` is when a sweep looks at it."""

    UPLOAD = "upload"
    IMAGE = "image"
    DELIVERY = "delivery"
    REVIEW = "review"


class Batch(NamedTuple):
    """A batch's own row.

    Times are microseconds since the epoch, but `ttl`, in seconds. `content` is the hash of what
    was asked for; `is_ready` is False until all of the manifest stands; `archive` is None for a
    batch of files, of which there are `files`; `entries` is how many an archive turned out to hold.
    """

    batch_id: str
    customer_id: str
    kind: str
    content: str
    created_at: int
    expires_at: int
    ttl: int
    files: int
    archive: Expected | None
    is_ready: bool = False
    entries: int | None = None
    ranges: int | None = None

    @property
    def closes_at(self) -> int:
        """When no upload can come any more, not even one that began in time."""
        return self.expires_at + UPLOAD_LASTS_US


class Outcome(NamedTuple):
    """What became of an upload or an entry.

    It is a file (`file_id`), was refused (`reason`), or is nothing that anybody sent on purpose
    (`reason` too, `ignored` True). `place` is its number in the manifest or in the archive, or
    ARCHIVE_PLACE.
    """

    place: int
    name: str
    file_id: str | None = None
    reason: str | None = None
    detail: str | None = None
    ignored: bool = False


class FileRow(NamedTuple):
    """A file's row; what is not known yet is None, times are microseconds since the epoch.

    `revisions`: see that module; `facts`: how many rows of a database all of them are."""

    batch_id: str
    customer_id: str
    file_id: str
    state: State
    name: str
    bucket: str
    key: str
    etag: str
    size: int
    received_at: int
    due_at: int | None = None
    sent: int = 0
    reason: str | None = None
    detail: str | None = None
    read_at: int | None = None
    result_key: str | None = None
    receipts: int | None = None
    same_as: str | None = None
    pixels: int | None = None
    revisions: str = ""
    facts: int | None = None
    delivered_at: int | None = None
    review: Review | None = None
    reviewed_at: int | None = None


def key(batch_id: str, item: str) -> Item:
    """A row's key."""
    return {"batch_id": {"S": batch_id}, "item": {"S": item}}


def file_item(file_id: str) -> str:
    """The second part of a file's key."""
    return f"file#{file_id}"


def slot_name(slot: int | None) -> str:
    """The second part of the key of what became of a slot's upload; None is the archive's."""
    return "slot#archive" if slot is None else f"slot#{slot:03}"


def range_name(first: int) -> str:
    """The second part of the key of what became of an archive's entries from that one on."""
    return f"range#{first:04}"


def waiting_for(what: Waiting, name: str) -> str:
    """The partition of the index that a row waits in; `name` is the file's or batch's id."""
    return f"{what}#{crc32(name.encode()) % WAITING_SHARDS}"


def batch_item(batch: Batch) -> Item:
    """A batch's row before it is ready."""
    archive = {"archive": expected.item_of(batch.archive)} if batch.archive else {}
    return {
        **key(batch.batch_id, "#batch"),
        "v": number(VERSION),
        "customer_id": {"S": batch.customer_id},
        "kind": {"S": batch.kind},
        "content": {"S": batch.content},
        "created_at": number(batch.created_at),
        "expires_at": number(batch.expires_at),
        "ttl": number(batch.ttl),
        "files": number(batch.files),
        **archive,
    }


def read_batch(item: Mapping[str, Any]) -> Batch:
    """A batch's row. Raises NewerVersion."""
    require_known("a batch's row", int(item["v"]["N"]), VERSION)
    archive = item.get("archive")
    return Batch(
        batch_id=item["batch_id"]["S"],
        customer_id=item["customer_id"]["S"],
        kind=item["kind"]["S"],
        content=item["content"]["S"],
        created_at=int(item["created_at"]["N"]),
        expires_at=int(item["expires_at"]["N"]),
        ttl=int(item["ttl"]["N"]),
        files=int(item["files"]["N"]),
        archive=expected.read(archive["M"]) if archive else None,
        is_ready="ready" in item,
        entries=_number(item, "entries"),
        ranges=_number(item, "ranges"),
    )


def manifest_item(batch: Batch, first: int, files: Sequence[Expected]) -> Item:
    """The row of the manifest that holds the files from number `first` on."""
    return {
        **key(batch.batch_id, manifest_name(first)),
        "v": number(VERSION),
        "first": number(first),
        "expected": {"L": [expected.item_of(one) for one in files]},
        "ttl": number(batch.ttl),
    }


def manifest_name(index: int) -> str:
    """The second part of the key of the manifest's row that file `index` stands in."""
    return f"manifest#{index // SLOTS_A_ROW * SLOTS_A_ROW:03}"


def read_manifest(item: Mapping[str, Any]) -> dict[int, Expected]:
    """The files of a row of the manifest by their number. Raises NewerVersion."""
    require_known("a manifest's row", int(item["v"]["N"]), VERSION)
    first = int(item["first"]["N"])
    return {first + n: expected.read(one["M"]) for n, one in enumerate(item["expected"]["L"])}


def outcomes_item(batch: Batch, item: str, outcomes: Sequence[Outcome]) -> Item:
    """The row of what became of an upload (`slot#…`) or of some entries (`range#…`)."""
    return {
        **key(batch.batch_id, item),
        "v": number(VERSION),
        "outcomes": {"L": [_outcome_item(one) for one in outcomes]},
        "done": number(len(outcomes)),
        "refused": number(sum(one.file_id is None for one in outcomes)),
        "ttl": number(batch.ttl),
    }


def read_outcomes(item: Mapping[str, Any]) -> list[Outcome]:
    """What became of uploads or entries. Raises NewerVersion."""
    require_known("a row of outcomes", int(item["v"]["N"]), VERSION)
    return [
        Outcome(
            int(one["M"]["place"]["N"]),
            one["M"]["name"]["S"],
            _text(one["M"], "file_id"),
            _text(one["M"], "reason"),
            _text(one["M"], "detail"),
            "ignored" in one["M"],
        )
        for one in item["outcomes"]["L"]
    ]


def new_file_item(row: FileRow, ttl: int) -> Item:
    """The row of a file that was just received, waiting to be read."""
    return {
        **key(row.batch_id, file_item(row.file_id)),
        "v": number(VERSION),
        "customer_id": {"S": row.customer_id},
        "state": {"S": State.RECEIVED},
        "name": {"S": row.name},
        "bucket": {"S": row.bucket},
        "key": {"S": row.key},
        "etag": {"S": row.etag},
        "size": number(row.size),
        "received_at": number(row.received_at),
        "waiting": {"S": waiting_for(Waiting.IMAGE, row.file_id)},
        "due_at": number(row.due_at or row.received_at),
        "sent": number(row.sent),
        "ttl": number(ttl),
    }


def read_file(item: Mapping[str, Any]) -> FileRow:
    """A file's row. Raises NewerVersion."""
    require_known("a file's row", int(item["v"]["N"]), VERSION)
    state = State(item["state"]["S"])
    review = _text(item, "review") or (Review.OPEN if state is State.REVIEW else None)
    return FileRow(
        batch_id=item["batch_id"]["S"],
        customer_id=item["customer_id"]["S"],
        file_id=item["item"]["S"].removeprefix("file#"),
        state=state,
        name=item["name"]["S"],
        bucket=item["bucket"]["S"],
        key=item["key"]["S"],
        etag=item["etag"]["S"],
        size=int(item["size"]["N"]),
        received_at=int(item["received_at"]["N"]),
        due_at=_number(item, "due_at"),
        sent=int(item["sent"]["N"]),
        reason=_text(item, "reason"),
        detail=_text(item, "detail"),
        read_at=_number(item, "read_at"),
        result_key=_text(item, "result_key"),
        receipts=_number(item, "receipts"),
        same_as=_text(item, "same_as"),
        pixels=_number(item, "pixels"),
        revisions=_text(item, "revisions") or (WAITS if review or state is State.READ else ""),
        facts=_number(item, "facts"),
        delivered_at=_number(item, "delivered_at"),
        review=Review(review) if review else None,
        reviewed_at=_number(item, "reviewed_at"),
    )


def _outcome_item(one: Outcome) -> Item:
    texts = {"file_id": one.file_id, "reason": one.reason, "detail": one.detail}
    item: Item = {"place": number(one.place), "name": {"S": one.name}}
    item |= {name: {"S": text} for name, text in texts.items() if text is not None}
    return {"M": item | ({"ignored": {"BOOL": True}} if one.ignored else {})}


def _number(item: Mapping[str, Any], name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None


def _text(item: Mapping[str, Any], name: str) -> str | None:
    return str(item[name]["S"]) if name in item else None
