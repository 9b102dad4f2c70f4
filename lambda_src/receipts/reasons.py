"""Why a file, an entry of an archive or a message is refused: codes for programs."""

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """The reasons of the account and of the quarantine."""

    # an upload
    UNKNOWN_SLOT = "unknown-slot"
    UPLOAD_EXPIRED = "upload-expired"
    BAD_SIZE = "bad-size"
    BAD_CHECKSUM = "bad-checksum"
    WRONG_TYPE = "wrong-type"
    NO_BATCH = "no-batch"
    GONE = "bytes-gone"
    # an archive, or an entry of one
    NOT_A_ZIP = "not-a-zip"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    TOO_MANY_ENTRIES = "too-many-entries"
    OVERLAPPING_ENTRIES = "overlapping-entries"
    ZIP_BOMB = "zip-bomb"
    NESTED_ARCHIVE = "nested-archive"
    ENCRYPTED = "encrypted"
    UNSUPPORTED_COMPRESSION = "unsupported-compression"
    OVER_LIMIT = "over-daily-limit"
    # a file
    EMPTY = "empty"
    TOO_LARGE = "too-large"
    UNSUPPORTED_TYPE = "unsupported-type"
    # a message
    NOT_JSON = "not-json"
    NOT_A_MESSAGE = "not-a-message"


class Refusal(NamedTuple):
    """Why something is refused: a code for programs, a text for people.

    The reason is a text, because `read` adds codes of its own (the reader's errors).
    """

    reason: str
    detail: str
