"""Messages between the functions, each with its version.

They are uploads (S3's own events) and ranges of an archive on the intake queue, and images; those
of the delivery are in `delivery/messages.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import quote_plus, unquote_plus

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from receipts.ids import BatchId, FileId, Identifier
from receipts.reasons import Reason
from shared import strict_json
from shared.versions import require_known

VERSION = 1
MOST_VALUES = 1_000  # of a message of ours or of an event of S3's

_Text = Annotated[str, Field(min_length=1, max_length=1_024)]
M = TypeVar("M", bound=BaseModel)


class Unreadable(Exception):
    """A message that can never be read: the quarantine's `reason`, a `detail` for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class NotSent(Exception):
    """The queue did not take every message: what they are about comes again."""


class Image(BaseModel):
    """A file to be read: where its bytes are; `name` is its first, for showing alone."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    v: int = VERSION
    batch_id: BatchId
    customer_id: Identifier
    file_id: FileId
    bucket: _Text
    key: _Text
    etag: _Text
    name: Annotated[str, Field(max_length=1_024)]


class Range(BaseModel):
    """Some entries of an archive that are to be taken out: `count` of them from `first` on.

    The archive has `size` bytes, and came at `came_at` (µs).
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    v: int = VERSION
    batch_id: BatchId
    key: _Text
    etag: _Text
    first: Annotated[int, Field(ge=0)]
    count: Annotated[int, Field(ge=1)]
    size: Annotated[int, Field(ge=0)]
    came_at: Annotated[int, Field(ge=0)]


class Upload(BaseModel):
    """An object that was put into the bucket of uploads, `size` in bytes, `at` (µs) then."""

    model_config = ConfigDict(strict=True, frozen=True)
    bucket: _Text
    key: _Text
    etag: _Text
    size: Annotated[int, Field(ge=0)]
    at: Annotated[int, Field(ge=0)]


def encode(message: Image | Range) -> str:
    """The body of a message of ours, in ASCII."""
    return strict_json.canonical(message.model_dump())


def decode_image(body: str) -> Image:
    """Read a message of the image queue. Raises Unreadable or NewerVersion."""
    return model_of(Image, envelope(body))


def decode_intake(body: str) -> Range | list[Upload]:
    """Read a message of the intake queue. Raises Unreadable or NewerVersion.

    An event of S3's may tell of several objects; its test event, and one of anything but a new
    object, tells of none.
    """
    event = envelope(body)
    if event.get("Event") == "s3:TestEvent":
        return []
    if "Records" not in event:
        return model_of(Range, event)
    records = event["Records"]
    if not isinstance(records, list):
        raise Unreadable(Reason.NOT_A_MESSAGE, "Records of an event must be a list")
    return [_upload(one) for one in records if _tells_of_an_object(one)]


def encode_upload(upload: Upload) -> str:
    """The body of an event as S3 would send it: for a sweep that missed one."""
    at = datetime.fromtimestamp(upload.at / 1_000_000).astimezone().isoformat()
    stored = {
        "key": quote_plus(upload.key, safe="/"),
        "size": upload.size,
        "eTag": upload.etag.strip('"'),
    }
    record = {
        "eventSource": "sluice:sweep",
        "eventName": "ObjectCreated:Put",
        "eventTime": at,
        "s3": {"bucket": {"name": upload.bucket}, "object": stored},
    }
    return to_json({"Records": [record]}).decode()


def _upload(record: Mapping[str, Any]) -> Upload:
    try:
        of = record["s3"]
        return Upload(
            bucket=of["bucket"]["name"],
            key=unquote_plus(of["object"]["key"]),
            etag=f'"{of["object"]["eTag"]}"',
            size=of["object"]["size"],
            at=_microseconds(record["eventTime"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"an event's record is not whole: {type(error).__name__}"
        raise Unreadable(Reason.NOT_A_MESSAGE, detail) from None


def _tells_of_an_object(record: object) -> bool:
    name = record.get("eventName") if isinstance(record, dict) else ""
    return not isinstance(name, str) or not name or name.startswith("ObjectCreated:")


def _microseconds(time: str) -> int:
    """RFC 3339 as S3 writes it, in microseconds since the epoch. Raises ValueError."""
    return int(datetime.fromisoformat(time).timestamp() * 1_000_000)


def envelope(body: str, most_values: int = MOST_VALUES) -> dict[str, Any]:
    """The object that a message is. Raises Unreadable or NewerVersion."""
    try:
        value = strict_json.loads(body, most_values)
    except ValueError as error:
        raise Unreadable(Reason.NOT_JSON, f"it is not JSON that we send: {error}") from None
    if not isinstance(value, dict):
        raise Unreadable(Reason.NOT_A_MESSAGE, "a message is an object")
    version = value.get("v", VERSION)
    if type(version) is not int or version < 1:
        raise Unreadable(Reason.NOT_A_MESSAGE, "v must be a whole number from 1 on")
    require_known("a message", version, VERSION)
    return value


def model_of(model: type[M], value: dict[str, Any]) -> M:
    """The message that an object is. Raises Unreadable."""
    try:
        return model.model_validate(strict_json.narrowed(value, model.model_fields))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(map(str, wrong["loc"]))
        raise Unreadable(Reason.NOT_A_MESSAGE, f"{at[:40]}: {wrong['msg']}") from None
