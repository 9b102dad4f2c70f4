"""What a client said that it would upload, as it stands in the ledger."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.dynamo import number


class Expected(NamedTuple):
    """What a client said that it would upload: one file, or the archive.

    `size` is in bytes, `sha256` in hex; `name` is for showing alone.
    """

    name: str
    size: int
    sha256: str
    content_type: str


def item_of(one: Expected) -> dict[str, Any]:
    """An upload that is expected, as an attribute."""
    return {
        "M": {
            "name": {"S": one.name},
            "size": number(one.size),
            "sha256": {"S": one.sha256},
            "content_type": {"S": one.content_type},
        }
    }


def read(item: Mapping[str, Any]) -> Expected:
    """An upload that is expected, from the attribute's map."""
    return Expected(
        item["name"]["S"], int(item["size"]["N"]), item["sha256"]["S"], item["content_type"]["S"]
    )
