"""Customers, batches, files, times: what may name one, and how the others follow from it."""

from base64 import b32encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError
from pydantic_core import to_json

# What a customer or a client's token may be called: nothing that means something to a database, a
# path or a page.
Identifier = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]
BatchId = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z2-7]{26}$")]
FileId = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{32}$")]
# What reads, for people: "textract", or a stand-in's name.
ReaderName = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9._ -]{1,64}$")]

_identifier, _batch_id = TypeAdapter(Identifier), TypeAdapter(BatchId)
_file_id = TypeAdapter(FileId)


def is_identifier(value: object) -> bool:
    """Whether a value may name a customer or be a client's token."""
    return _fits(_identifier, value)


def is_batch_id(value: object) -> bool:
    """Whether a value may be the id of a batch."""
    return _fits(_batch_id, value)


def is_file_id(value: object) -> bool:
    """Whether a value may be the id of a file."""
    return _fits(_file_id, value)


def batch_id_of(customer_id: str, client_token: str) -> str:
    """The batch that a customer's token stands for, each time: 26 characters of base32."""
    return _base32(sha256(to_json([customer_id, client_token])).digest())


def customer_key(customer_id: str) -> str:
    """A customer's part of an object's key: 26 characters of base32, whatever the id is."""
    return _base32(sha256(customer_id.encode()).digest())


def file_id_of(content: bytes) -> str:
    """The id of a file: by what is in it, so the same bytes are one file (32 hex digits)."""
    return sha256(content).hexdigest()[:32]


def rfc3339(at: int) -> str:
    """A time in microseconds since the epoch as answers say it, to the millisecond."""
    time = datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{time}.{at % 1_000_000 // 1_000:03}Z"


def _base32(digest: bytes) -> str:
    return b32encode(digest[:16]).decode("ascii").rstrip("=").lower()


def _fits(adapter: TypeAdapter[str], value: object) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True
