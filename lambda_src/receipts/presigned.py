"""Addresses that one upload may go to: what must come is bound into the signature."""

from base64 import b64encode
from typing import Any

from receipts.expected import Expected

ARCHIVE_TYPE = "application/zip"
ARCHIVE_NAME = "archive.zip"


def upload_key(batch_id: str, slot: int | None) -> str:
    """Where an upload belongs: a slot's, or the archive's."""
    return f"in/{batch_id}/{ARCHIVE_NAME if slot is None else f'{slot:03}'}"


def slot_of(key: str) -> tuple[str, int | None] | None:
    """The batch and the slot (None: the archive) of an object's key; None where it is no upload."""
    folder, batch_id, name = [*key.split("/"), "", ""][:3]
    if folder != "in" or key.count("/") != 2:
        return None
    if name == ARCHIVE_NAME:
        return batch_id, None
    return (batch_id, int(name)) if len(name) == 3 and name.isascii() and name.isdigit() else None


def upload(
    s3: Any, bucket: str, batch_id: str, slot: int | None, expected: Expected, seconds: int
) -> dict[str, Any]:
    """An upload as the answer tells it: where, how, and with which headers.

    `s3` is a client that signs with version 4. Type, length and checksum are among the signed
    headers, so S3 takes nothing else, and nothing after so many `seconds`. A second upload of the
    same bytes is taken and changes nothing: that is why `If-None-Match` is not among them, which
    would refuse a client whose first try was answered too late.
    """
    checksum = b64encode(bytes.fromhex(expected.sha256)).decode("ascii")
    url = s3.generate_presigned_url(
        "put_object",
        Params={
            "Bucket": bucket,
            "Key": upload_key(batch_id, slot),
            "ContentType": expected.content_type,
            "ContentLength": expected.size,
            "ChecksumSHA256": checksum,
        },
        ExpiresIn=seconds,
    )
    headers = {
        "content-type": expected.content_type,
        "content-length": str(expected.size),
        "x-amz-checksum-sha256": checksum,
    }
    named = {} if slot is None else {"slot": slot}
    return {**named, "name": expected.name, "method": "PUT", "url": url, "headers": headers}
