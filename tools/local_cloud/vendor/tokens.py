"""The stand-in's tokens: given for a client's secret or for a refresh token that is good once."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from tools.local_cloud.vendor.settings import Settings

TOKEN_PATH = "/oauth/token"  # noqa: S105 (a path)
CLIENT_ID = "sluice"

Json = dict[str, Any]


class Tokens:
    """Who may call. `make` makes a new token's text."""

    def __init__(self, settings: Settings, client_secret: str, make: Callable[[], str] | None = None) -> None:
        self.settings, self._secret = settings, client_secret
        self._make = make or (lambda: secrets.token_urlsafe(24))
        self._until: dict[str, float] = {}  # access token → when it is over
        self._refresh: set[str] = set()
        self.granted = 0
        self.reused = 0  # refresh tokens that came a second time

    def holds(self, authorization: str, now: float) -> bool:
        """Whether a header holds a token that is good now."""
        kind, _, token = authorization.partition(" ")
        return kind.lower() == "bearer" and now < self._until.get(token, 0.0)

    def revoke(self) -> None:
        """No token given by now is good any more."""
        self._until.clear()

    def set_secret(self, client_secret: str) -> None:
        """The client's secret is another one from now on, and refresh tokens are gone."""
        self._secret = client_secret
        self._refresh.clear()

    def grant(self, method: str, body: bytes, now: float) -> tuple[int, Json]:
        """A token for a form of RFC 6749: `client_credentials`, or `refresh_token`."""
        asked = dict(parse_qsl(body.decode("utf-8", "replace"))) if method == "POST" else {}
        kind = asked.get("grant_type")
        if kind == "refresh_token":
            held = asked.get("refresh_token", "")
            if held not in self._refresh:
                self.reused += 1
                return 400, {"error": "invalid_grant", "error_description": "this refresh token is not good"}
            if self.settings.rotate:
                self._refresh.discard(held)
        elif kind != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        elif not self._is_client(asked):
            return 401, {"error": "invalid_client"}
        token, refresh = self._make(), self._make()
        self._until[token] = now + self.settings.token_seconds
        self._refresh.add(refresh)
        self.granted += 1
        said = {"access_token": token, "token_type": "Bearer", "expires_in": self.settings.token_seconds}
        return 200, {**said, "refresh_token": refresh}

    def _is_client(self, asked: dict[str, str]) -> bool:
        given = asked.get("client_secret", "").encode()
        return asked.get("client_id") == CLIENT_ID and hmac.compare_digest(given, self._secret.encode())
