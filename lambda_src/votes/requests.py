"""What the readers' requests name: the title in the path."""

from collections.abc import Mapping
from typing import Any

from shared.http import HttpError
from shared.visible import shown
from votes.ballot import Code, is_identifier


def title_of(event: Mapping[str, Any]) -> str:
    """The title that an HTTP API event's path names. Raises HttpError 400 for what can be none."""
    title_id = (event.get("pathParameters") or {}).get("title_id")
    if not is_identifier(title_id):
        raise HttpError(
            400,
            Code.BAD_IDENTIFIER,
            f"title_id must be 1 to 64 of the characters A-Z a-z 0-9 _ -; got {shown(title_id)}",
        )
    return str(title_id)
