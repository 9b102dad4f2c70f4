"""The entrance: what brings HTTP requests to a function, and whose word it takes for who asks.

Terraform says which one a function has (ENTRANCE); what an event looks like says nothing. Functions
read one shape, an HTTP API's (payload 2.0), with the claims of a token that the entrance itself has
verified and with no other:

- http_api: API Gateway puts the claims in, see `bearer`.
- alb: the listener verifies the token and passes it on as it is. So its claims are read from the
  header, where Terraform says that the listener verifies (TOKENS), for its issuer and audience.
- function_url: knows no tokens.

Who may invoke a function by itself (the probe, an operator) says so at the event's top, where no
entrance puts anything of a client's, and brings claims of its own.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal
from urllib.parse import unquote, unquote_plus

from pydantic import BaseModel, ConfigDict
from pydantic import Json as JsonText
from pydantic_core import from_json

from shared import logs
from shared.http import HttpError

Kind = Literal["http_api", "alb", "function_url"]
Json = dict[str, Any]
Handle = Callable[[Json], Json]
BY_ITSELF = {"entrance": "invoke"}  # an event's top that says: no entrance brought it


class Tokens(BaseModel):
    """Whose tokens an ALB's listener verifies, and for whom they must be."""

    model_config = ConfigDict(extra="forbid", strict=True)
    issuer: str
    audience: list[str]


class EntranceSettings(BaseModel):
    """Every function's that answers HTTP requests. `tokens`: what the listener verifies, if so."""

    entrance: Kind
    tokens: JsonText[Tokens] | None = None


def answer(config: EntranceSettings, event: Json, routes: Sequence[str], handle: Handle) -> Json:
    """What `handle` answers to a request, in the words of the configured entrance.

    `handle` takes an HTTP API's event (payload 2.0), answers as to one, and never raises. `routes`
    are the function's, such as "GET /v1/titles/{title_id}/results": an HTTP API knows them, the
    other entrances do not.
    """
    if config.entrance == "http_api" or event.get("entrance") == BY_ITSELF["entrance"]:
        return handle(event)
    read, say = (_from_alb, _to_alb) if config.entrance == "alb" else (_from_url, _as_it_is)
    try:
        return say(handle(read(event, routes, config.tokens)))
    except HttpError as error:
        logs.logger().info("refused", extra={"status": error.status, "code": error.code})
        return say(error.reply())
    except Exception as error:
        logs.error("entrance", error)
        return say(HttpError(500, "internal", "something went wrong on our side").reply())


def _from_url(event: Json, routes: Sequence[str], _: Tokens | None) -> Json:
    """A Function URL's event is payload 2.0; claims that stand in it are nobody's."""
    request = event.get("requestContext", {}).get("http")
    if request is None:
        raise _not_here()
    path = str(event.get("rawPath", ""))
    return {
        **event,
        "pathParameters": _parameters(path, routes),
        "requestContext": {"http": request},
    }


def _from_alb(event: Json, routes: Sequence[str], tokens: Tokens | None) -> Json:
    """An ALB's event as an HTTP API's."""
    if "elb" not in event.get("requestContext", {}):
        raise _not_here()
    path, given = str(event.get("path", "")), event.get("multiValueHeaders") or {}
    context: Json = {"http": {"method": event.get("httpMethod"), "path": path}}
    if tokens is not None:
        context["authorizer"] = {"jwt": {"claims": _claims(given, tokens)}}
    return {
        "version": "2.0",
        "rawPath": path,
        "pathParameters": _parameters(path, routes),
        "queryStringParameters": _asked(event.get("multiValueQueryStringParameters")),
        "headers": {name: ",".join(values) for name, values in given.items()},
        "requestContext": context,
        "body": event.get("body"),
        "isBase64Encoded": event.get("isBase64Encoded", False),
    }


def _asked(given: Mapping[str, list[str]] | None) -> dict[str, str] | None:
    """A query, decoded: an ALB leaves it as it came."""
    if not given:
        return None
    return {
        unquote_plus(name): ",".join(map(unquote_plus, values)) for name, values in given.items()
    }


def _to_alb(reply: Json) -> Json:
    """An answer as an ALB takes it that gives headers with all their values."""
    headers = {name: [value] for name, value in reply["headers"].items()}
    return {
        "statusCode": reply["statusCode"],
        "multiValueHeaders": headers,
        "body": reply["body"],
        "isBase64Encoded": False,
    }


def _as_it_is(reply: Json) -> Json:
    return reply


def _claims(headers: Mapping[str, list[str]], tokens: Tokens) -> Json:
    """The claims of the token that the listener has verified; none where it is not for us.

    An ALB writes names of headers in small letters. Of two tokens nobody knows which one was
    verified; a public route's request has none.
    """
    given = headers.get("authorization") or ()
    if len(given) != 1:
        return {}
    parts = given[0].split(".")
    if len(parts) != 3 or parts[0][:7].lower() != "bearer ":
        return {}
    try:
        claims = from_json(urlsafe_b64decode(parts[1] + "==="))  # more padding than is needed
    except ValueError:
        return {}
    if not isinstance(claims, dict) or claims.get("iss") != tokens.issuer:
        return {}
    said = claims.get("aud", claims.get("client_id"))
    audiences = said if isinstance(said, list) else (said,)
    return claims if any(one in tokens.audience for one in audiences) else {}


def _parameters(path: str, routes: Sequence[str]) -> dict[str, str] | None:
    """What stands in a path's places, decoded, by the one of the routes that it is of.

    Raises HttpError 404 for a path of none.
    """
    for route in routes:
        if found := _pattern(route).fullmatch(path):
            places = found.groupdict()
            return {name: unquote(value) for name, value in places.items()} if places else None
    raise HttpError(404, "no-such-route", "there is no such route here")


@cache
def _pattern(route: str) -> re.Pattern[str]:
    """A route's path; each place is one part of it."""
    path = route.partition(" ")[2]
    parts = [
        f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)
        for part in path.split("/")
    ]
    return re.compile("/".join(parts))


def _not_here() -> HttpError:
    return HttpError(404, "no-such-route", "requests come by another way here")
