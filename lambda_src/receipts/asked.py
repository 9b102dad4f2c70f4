"""What a request for a batch asks for, read strictly: each thing that is wrong has a code."""

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from receipts import bodies
from receipts.expected import Expected
from receipts.ids import is_identifier
from receipts.presigned import ARCHIVE_NAME, ARCHIVE_TYPE
from receipts.reasons import Refusal
from receipts.settings import MOST_ARCHIVE_BYTES, MOST_FILE_BYTES, MOST_FILES
from shared import strict_json
from shared.http import HttpError
from shared.visible import shown, visible

MOST_VALUES = 20_000  # of a body; 500 files whose names have commas hold no more
LONGEST_NAME = 255
MOST_TOLD = 20  # files that an answer says are wrong
TYPES = (
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/heic",
    "image/heif",
    "application/pdf",
)
_FIELDS = ("name", "size", "sha256", "content_type")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Asked(NamedTuple):
    """A batch that is asked for: files, or one archive."""

    customer_id: str
    client_token: str
    files: list[Expected]
    archive: Expected | None

    @property
    def kind(self) -> str:
        """The word for which it is."""
        return "files" if self.archive is None else "archive"

    @property
    def uploads(self) -> list[Expected]:
        """What is to be uploaded."""
        return self.files if self.archive is None else [self.archive]

    @property
    def content(self) -> str:
        """A hash of what is asked for: one token stands for one of these."""
        return sha256(strict_json.canonical([self.kind, self.uploads]).encode()).hexdigest()


def read(text: str, customer: str | None) -> Asked:
    """What a body asks for.

    `customer` is who the token names, whatever the body says; None where the body says it. Raises
    HttpError.
    """
    body = bodies.object_of(text, MOST_VALUES, "send several batches")
    customer_id = customer if customer is not None else _identifier(body, "customer_id")
    token = _identifier(body, "client_token")
    kind = body.get("kind")
    if kind not in ("files", "archive"):
        told = "is missing" if kind is None else f"is {shown(kind)}"
        raise HttpError(400, "bad-kind", f'kind must be "files" or "archive"; it {told}')
    content = "files" if kind == "files" else "archive"
    known = ("customer_id", "client_token", "kind", content)
    if unknown := next((name for name in body if name not in known), None):
        raise HttpError(
            400, "unknown-field", f"a batch of kind {kind} has no {shown(unknown)}: leave it out"
        )
    if kind == "files":
        return Asked(customer_id, token, _files(body.get("files")), None)
    return Asked(customer_id, token, [], _archive(body.get("archive")))


def _identifier(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if value is None:
        raise HttpError(400, "missing-field", f"{field} is missing")
    if not is_identifier(value):
        rule = "must be 1 to 64 of the characters A-Z a-z 0-9 _ -"
        raise HttpError(400, "bad-identifier", f"{field} {rule}; got {shown(value)}")
    return str(value)


def _files(raws: object) -> list[Expected]:
    if not isinstance(raws, list) or not raws:
        got = "an empty list" if raws == [] else shown(raws)
        message = f"files must be a list of 1 to {MOST_FILES} files; got {got}"
        raise HttpError(400, "no-file", message)
    if len(raws) > MOST_FILES:
        raise HttpError(
            413,
            "too-many-files",
            f"{len(raws)} files in one batch: send at most {MOST_FILES}, or an archive",
        )
    read = [_file(raw) for raw in raws]
    wrong = [
        {"index": index, "code": one.reason, "message": one.detail}
        for index, one in enumerate(read)
        if isinstance(one, Refusal)
    ]
    if wrong:
        message = f"{len(wrong)} of {len(raws)} files cannot be taken so: details say why"
        raise HttpError(400, "bad-file", message, {"files": wrong[:MOST_TOLD]})
    return [one for one in read if isinstance(one, Expected)]


def _file(raw: object) -> Expected | Refusal:
    if not isinstance(raw, dict) or len(raw) != len(_FIELDS):
        return _misshapen(raw)
    if any(name not in raw for name in _FIELDS):
        return _misshapen(raw)
    name, content_type = raw["name"], raw["content_type"]
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME:
        rule = f"name must be a text of 1 to {LONGEST_NAME} characters"
        return Refusal("bad-name", f"{rule}; got {shown(name)}")
    if not isinstance(content_type, str) or content_type not in TYPES:
        rule = f"content_type must be one of {', '.join(TYPES)}"
        return Refusal("unsupported-type", f"{rule}; got {shown(content_type)}")
    if wrong := _wrong(raw, MOST_FILE_BYTES):
        return wrong
    return Expected(visible(name)[:LONGEST_NAME], raw["size"], raw["sha256"], content_type)


def _misshapen(raw: object) -> Refusal:
    """What is wrong with a file that has not just the fields of one."""
    if isinstance(raw, strict_json.Duplicated):
        return Refusal("duplicate-key", f"it has the key {shown(raw.key())} twice")
    if not isinstance(raw, dict):
        return Refusal("not-an-object", f"a file is an object; got {shown(raw)}")
    if missing := next((name for name in _FIELDS if name not in raw), None):
        return Refusal("missing-field", f"{missing} is missing")
    unknown = next(name for name in raw if name not in _FIELDS)
    return Refusal("unknown-field", f"a file has no {shown(unknown)}")


def _archive(raw: object) -> Expected:
    if not isinstance(raw, dict):
        message = "archive must be an object with its size and sha256"
        raise HttpError(400, "bad-archive", f"{message}; got {shown(raw)}")
    if unknown := next((name for name in raw if name not in ("size", "sha256")), None):
        raise HttpError(400, "bad-archive", f"archive has no {shown(unknown)}: leave it out")
    if wrong := _wrong(raw, MOST_ARCHIVE_BYTES):
        raise HttpError(400, "bad-archive", f"archive: {wrong.detail}")
    return Expected(ARCHIVE_NAME, raw["size"], raw["sha256"], ARCHIVE_TYPE)


def _wrong(raw: Mapping[str, Any], most_bytes: int) -> Refusal | None:
    """What is wrong with a size or checksum, if something is."""
    size, checksum = raw.get("size"), raw.get("sha256")
    if type(size) is not int or not 1 <= size <= most_bytes:
        rule = f"size must be a whole number of bytes from 1 to {most_bytes}"
        return Refusal("bad-size", f"{rule}; got {shown(size)}")
    if not isinstance(checksum, str) or not _SHA256.fullmatch(checksum):
        rule = "sha256 must be the SHA-256 of the bytes, 64 digits 0-9 a-f"
        return Refusal("bad-checksum", f"{rule}; got {shown(checksum)}")
    return None
