"""Calls to a vendor over HTTP: bounded in time and size, verified, never repeated here."""

import ssl
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as TimedOut

from harvest.retry_after import lowered
from harvest.vendor import Answer, Request

CONNECT_SECONDS = 2.0
MOST_BYTES = 4_000_000  # of an answer: 25 of them fit into a worker
PART_BYTES = 65_536
HEADERS: Mapping[str, str] = {
    "user-agent": "sluice-harvest/1",
    "accept": "application/json",
    "accept-encoding": "identity",  # what is sent compressed may be any size
}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class WrongAddress(ValueError):
    """An address that no token may be sent to."""


class Caller:
    """Calls one vendor; any number of threads may use it.

    `url` is the vendor's address, https unless it is this machine's. `connections` are kept open:
    as many as calls under way. `call_seconds`: the longest that a call may take, all of it.
    """

    def __init__(self, url: str, call_seconds: float, connections: int) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise WrongAddress(f"{url}: a vendor's address begins with https://")
        self._url, self._seconds = url.rstrip("/"), call_seconds
        context = ssl.create_default_context() if parts.scheme == "https" else None
        self._pool = urllib3.PoolManager(
            maxsize=connections, retries=False, ssl_context=context, headers=dict(HEADERS)
        )

    def call(self, request: Request) -> Answer:
        """Send a request once. Whatever goes wrong is an answer with status 0."""
        until = time.monotonic() + self._seconds
        connect = min(CONNECT_SECONDS, self._seconds)
        try:
            response = self._pool.request(
                request.method,
                self._url + request.target,
                body=request.body or None,
                headers={**HEADERS, **request.headers},
                timeout=urllib3.Timeout(connect=connect, read=self._seconds, total=self._seconds),
                redirect=False,
                preload_content=False,
            )
        except HTTPError as error:
            return _none(_cause(error))
        return _taken(response, until)


def _taken(response: urllib3.BaseHTTPResponse, until: float) -> Answer:
    """An answer with its body; its connection is closed unless all of it was read."""
    body = bytearray()
    try:
        for part in response.stream(PART_BYTES, decode_content=False):
            body += part
            if len(body) > MOST_BYTES:
                response.close()
                return _none("too-large")
            if time.monotonic() > until:
                response.close()
                return _none("timeout")
    except (HTTPError, OSError) as error:
        response.close()
        return _none(_cause(error))
    response.release_conn()
    return Answer(response.status, lowered(response.headers.items()), bytes(body))


def _cause(error: Exception) -> str:
    is_late = isinstance(error, TimedOut) and not isinstance(error, NewConnectionError)
    return "timeout" if is_late else "connection"


def _none(cause: str) -> Answer:
    return Answer(0, cause=cause)
