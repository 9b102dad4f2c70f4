"""What the readers' requests name: the title in the path, or who asks."""

from collections.abc import Mapping
from typing import Any

from shared.http import HttpError
from shared.visible import shown
from votes.ballot import Code, is_identifier


def title_of(event: Mapping[str, Any]) -> str:
    """The title that an HTTP API event's path names. Raises HttpError 400 for what can be none."""
    return identifier_of((event.get("pathParameters") or {}).get("title_id"), "title_id")


def identifier_of(value: object, place: str) -> str:
    """The identifier that stands in a request's `place`. Raises HttpError 400 for what is none."""
    if not is_identifier(value):
        raise HttpError(
            400,
            Code.BAD_IDENTIFIER,
            f"{place} must be 1 to 64 of the characters A-Z a-z 0-9 _ -; got {shown(value)}",
        )
    return str(value)
