"""The body of a request, as the JSON object that it must be."""

from typing import Any

from shared import strict_json
from shared.http import HttpError
from shared.visible import shown


def object_of(text: str, most_values: int, if_more: str | None = None) -> dict[str, Any]:
    """The object that `text` is, of at most so many JSON values.

    More are answered as too-many-values with what to do about it, `if_more`, and as not-json
    without. Raises HttpError 400.
    """
    try:
        body = strict_json.loads(text, most_values)
    except ValueError as error:
        if if_more is not None and isinstance(error, strict_json.TooManyValues):
            message = f"the body is too much: {error}; {if_more}"
            raise HttpError(400, "too-many-values", message) from None
        raise HttpError(400, "not-json", f"the body is not JSON: {error}") from None
    if isinstance(body, strict_json.Duplicated):
        raise HttpError(400, "duplicate-key", f"the body has the key {shown(body.key())} twice")
    if not isinstance(body, dict):
        raise HttpError(400, "not-an-object", f"the body must be an object; got {shown(body)}")
    return body
