"""Who sends a request: the bearer of the token that API Gateway's JWT authoriser has verified."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from pydantic_core import to_json

from shared.http import HttpError


class Bearer(NamedTuple):
    """A token's bearer, by their id, and what the token lets them do."""

    id: str
    scopes: frozenset[str]


def bearer_of(event: Mapping[str, Any]) -> Bearer:
    """The bearer of a request's token. Raises HttpError 401 when it names none."""
    jwt = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {})
    claims = jwt.get("claims") or {}
    if not claims.get("iss") or not claims.get("sub"):
        raise HttpError(401, "no-token", "send a token with an issuer and a subject")
    return Bearer(id_of(claims["iss"], claims["sub"]), _scopes(jwt, claims))


def id_of(issuer: str, subject: str) -> str:
    """The id of a token's bearer.

    It is base64url, without padding, of the SHA-256 of the JSON list [issuer, subject], compact.
    """
    digest = sha256(to_json([issuer, subject])).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _scopes(jwt: Mapping[str, Any], claims: Mapping[str, Any]) -> frozenset[str]:
    """What a token may do.

    By the authoriser's own list, by `scope` (RFC 8693, RFC 9068) and by `scp` (Okta, Entra ID).
    Each is a text with blanks or a list, which API Gateway writes as "[one other]".
    """
    found: set[str] = set()
    for said in (jwt.get("scopes"), claims.get("scope"), claims.get("scp")):
        for one in said if isinstance(said, list) else [said]:
            if isinstance(one, str):
                listed = one.startswith("[") and one.endswith("]")
                found.update((one[1:-1] if listed else one).split())
    return frozenset(found)
