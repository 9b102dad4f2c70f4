"""HTTP API events (payload 2.0) in, replies out.

Every error has one shape: {"code", "message", "details"}.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import to_json

from shared import logs


class HttpError(Exception):
    """A request that is answered with an error; the texts go to the client."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.details = dict(details or {})
        self.headers = dict(headers or {})

    def reply(self) -> dict[str, Any]:
        """The answer that says so."""
        return reply(
            self.status,
            {"code": self.code, "message": self.message, "details": self.details},
            self.headers,
        )


def reply(status: int, body: object, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An answer with a JSON body, by default not to be cached."""
    sent = {"content-type": "application/json", "cache-control": "no-store", **(headers or {})}
    return {"statusCode": status, "headers": sent, "body": to_json(body).decode()}


def answered(
    place: str,
    work: Callable[[], dict[str, Any]],
    passing: tuple[type[Exception], ...],
    unavailable: HttpError,
) -> dict[str, Any]:
    """What `work` answers; whatever happens in it, never an exception.

    Errors of the types in `passing` are answered as `unavailable`, all others but HttpError as an
    error of ours, which says nothing of what it was. `place` names the function in the log.
    """
    try:
        return work()
    except HttpError as error:
        logs.logger().info("refused", extra={"status": error.status, "code": error.code})
        return error.reply()
    except passing as error:
        logs.error(place, error)
        return unavailable.reply()
    except Exception as error:
        logs.error(place, error)
        return HttpError(500, "internal", "something went wrong on our side: ask again").reply()


def require(event: Mapping[str, Any], method: str, path_end: str) -> None:
    """Raise HttpError 404 or 405 unless it is `method` on a path that ends with `path_end`."""
    request = event.get("requestContext", {}).get("http", {})
    if not str(event.get("rawPath", "")).endswith(path_end):
        raise HttpError(404, "no-such-route", f"there is only {method} …{path_end} here")
    if request.get("method") != method:
        raise HttpError(405, "wrong-method", f"use {method} here", headers={"allow": method})


def json_text(event: Mapping[str, Any], most_bytes: int, if_larger: str) -> str:
    """The request's body, not yet parsed; `if_larger` is what to do about a body that is too large.

    Raises HttpError: 415 unless declared as JSON, 413 past `most_bytes`, 400 if it is no UTF-8.
    """
    _require_json(event.get("headers") or {})
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return _decoded(body, most_bytes, if_larger)
    if len(body) > most_bytes or not (
        body.isascii() or len(body.encode("utf-8", "surrogatepass")) <= most_bytes
    ):
        raise _too_large(most_bytes, if_larger)
    return str(body)


def _decoded(body: str, most_bytes: int, if_larger: str) -> str:
    if len(body) > (most_bytes + 2) // 3 * 4:
        raise _too_large(most_bytes, if_larger)
    try:
        decoded = base64.b64decode(body, validate=True)
        if len(decoded) > most_bytes:
            raise _too_large(most_bytes, if_larger)
        return decoded.decode()
    except ValueError:
        raise HttpError(400, "not-json", "the body is not UTF-8 text: send JSON in UTF-8") from None


def _too_large(most_bytes: int, if_larger: str) -> HttpError:
    return HttpError(413, "too-large", f"the body is larger than {most_bytes} bytes: {if_larger}")


def _require_json(headers: Mapping[str, str]) -> None:
    if headers.get("content-type") == "application/json" and "content-encoding" not in headers:
        return
    named = [(name.lower(), value) for name, value in headers.items()]
    types = [part for name, value in named if name == "content-type" for part in value.split(",")]
    if not types or not all(map(_is_json, types)):
        raise HttpError(
            415, "wrong-content-type", "send JSON with the header Content-Type: application/json"
        )
    if any(
        name == "content-encoding" and value.strip().lower() != "identity" for name, value in named
    ):
        raise HttpError(
            415, "wrong-content-encoding", "send the body uncompressed, without Content-Encoding"
        )


def _is_json(content_type: str) -> bool:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    pairs = [parameter.partition("=") for parameter in parameters]
    charsets = [value.strip().strip('"') for name, _, value in pairs if name == "charset"]
    return kind == "application/json" and all(charset in {"utf-8", "utf8"} for charset in charsets)
