"""Messages of the delivery, each with its version.

To a lane: what to deliver, and what to count (the delivery queue); a tick (the lane queue). From
it: what became of each file, and how the lane is (the delivered queue). A document is written once,
so a pointer to it is its ids alone.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from receipts.ids import BatchId, FileId, Identifier
from receipts.messages import Unreadable, envelope, model_of
from receipts.reasons import Reason
from shared import strict_json
from shared.queues import OutgoingMessage

VERSION = 1
MOST_KEYS = 2_000  # files of a question: as many as an archive holds
MOST_REVISION = 1_000
MOST_RECEIPTS = 1_000
MOST_VALUES = 4 * MOST_KEYS
_MINUTE = "minute-"

LaneName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Revision = Annotated[int, Field(ge=0, le=MOST_REVISION)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
SqlState = Annotated[str, Field(pattern=r"^[0-9A-Z]{5}$")]
# A constraint's name is the database's own text: an identifier, or what is left of one.
Constraint = Annotated[str, Field(pattern=r"^[A-Za-z0-9_$.-]{1,63}$")]
_Count = Annotated[int, Field(ge=0)]
_Us = Annotated[int, Field(ge=0)]  # microseconds since the epoch


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    v: int = VERSION


class _OfBatch(_Message):
    batch_id: BatchId
    customer_id: Identifier


class _OfFile(_OfBatch):
    file_id: FileId
    revision: Revision = 0


class Delivery(_OfFile):
    """A document to deliver: revision 0 is what was read, later ones are corrections."""


class Question(_OfBatch):
    """How many rows stand of these files of a customer? The batch is whose report asks."""

    ask: Literal["count"] = "count"
    keys: Annotated[list[FileId], Field(min_length=1, max_length=MOST_KEYS)]


class Tick(_Message):
    """Wakes a lane; `rows` a transaction and `rest_ms` between two are the pace that it left."""

    lane: _Count
    rows: Annotated[int, Field(ge=1)] | None = None
    rest_ms: _Count | None = None


class Delivered(_OfFile):
    """All rows of a document stand; `new` of them were not there before."""

    kind: Literal["delivered"] = "delivered"
    rows: _Count
    new: _Count
    at: _Us
    lane: LaneName


class RowRefused(_OfFile):
    """The database refuses a row, or a document cannot be rows at all (`receipt` None).

    `reason` is "refused-by-database", "bad-document", "no-document" …; there is one message a row,
    and no Delivered of that file.
    """

    kind: Literal["row-refused"] = "row-refused"
    receipt: Annotated[int, Field(ge=0, lt=MOST_RECEIPTS)] | None = None
    reason: Code
    sqlstate: SqlState | None = None
    constraint: Constraint | None = None
    at: _Us
    lane: LaneName


class Standing(_OfBatch):
    """The answer to a question: how many rows, of all revisions, stand of each file asked for.

    0 where none does: of a file that is not there it was not asked.
    """

    kind: Literal["standing"] = "standing"
    keys: Annotated[dict[FileId, _Count], Field(max_length=MOST_KEYS)]
    at: _Us
    lane: LaneName


class Heartbeat(_Message):
    """How a lane is: whether it reached the database, and if not a code that says why.

    `latency_ms` is the slowest transaction's since the last heartbeat, the ping's if there was
    none; `rows` were delivered in that time. `version` is the release that the lane runs.
    """

    kind: Literal["heartbeat"] = "heartbeat"
    lane: LaneName
    at: _Us
    reached: bool
    reason: Code | None = None
    latency_ms: _Count
    rows: _Count
    rows_a_transaction: _Count
    rest_ms: _Count
    version: Annotated[str, Field(max_length=64)]


Outcome = Delivered | RowRefused | Standing | Heartbeat
_OUTCOMES: dict[str, type[Outcome]] = {
    "delivered": Delivered,
    "row-refused": RowRefused,
    "standing": Standing,
    "heartbeat": Heartbeat,
}


def encode(message: Delivery | Question | Tick | Outcome) -> str:
    """The body of a message, in ASCII."""
    return strict_json.canonical(message.model_dump(exclude_none=True))


def decode_delivery(body: str) -> Delivery | Question:
    """Read a message of the delivery queue. Raises Unreadable or NewerVersion."""
    value = _envelope(body)
    return model_of(Question, value) if "ask" in value else model_of(Delivery, value)


def decode_tick(body: str) -> Tick:
    """Read a message of the lane queue. Raises Unreadable or NewerVersion."""
    return model_of(Tick, _envelope(body))


def decode_outcome(body: str) -> Outcome:
    """Read a message of the delivered queue. Raises Unreadable or NewerVersion."""
    value = _envelope(body)
    kind = value.get("kind")
    model = _OUTCOMES.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise Unreadable(Reason.NOT_A_MESSAGE, f"kind must be one of {', '.join(_OUTCOMES)}")
    return model_of(model, value)


def tick(message: Tick, once: str) -> OutgoingMessage:
    """A tick for the lane queue, of which it takes one that says `once` (within five minutes)."""
    return OutgoingMessage(encode(message), f"lane-{message.lane}", f"{message.lane}-{once}")


def of_minute(lane: int, minute: int) -> OutgoingMessage:
    """The tick that a lane gets each minute, whether there is anything to do or not."""
    return tick(Tick(lane=lane), f"{_MINUTE}{minute}")


def is_of_minute(record: dict[str, Any]) -> bool:
    """Whether a tick, as the function gets it, is a minute's."""
    once = str(record["attributes"].get("MessageDeduplicationId", ""))
    return once.partition("-")[2].startswith(_MINUTE)


def _envelope(body: str) -> dict[str, Any]:
    return envelope(body, MOST_VALUES)
