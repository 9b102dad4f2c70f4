"""GitHub's REST API on loopback: recorded requests, each with its answer, in their order.

Any other request fails the test.

The pairs are in recorded/*.json. No live GitHub was asked for them: statuses, headers and the
fields of each answer are those of GitHub's OpenAPI description (github/rest-api-description,
version 2022-11-28) and of octokit/fixtures, which are real recordings of issues, pages, refs,
releases and errors; names, numbers and texts are ours. In them "{api}" is this server's address,
and "*" in a request's body is any value, for the test to look at in `bodies`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "recorded"
TOKEN = "ghs_recorded"
REPOSITORY = "acme/sluice"


class Replay:
    """What is still to be asked, what was asked, and what should not have been."""

    def __init__(self, pairs: list[dict[str, Any]]) -> None:
        self.api = ""
        self.waiting = pairs
        self.asked: list[str] = []
        self.bodies: list[Any] = []
        self.wrong: list[str] = []

    def answer(self, method: str, path: str, headers: Any, content: bytes) -> tuple[int, dict[str, str], bytes]:
        """The recorded answer to the next request, or 599 when this is not it."""
        asked = f"{method} {path}"
        body = (
            json.loads(content)
            if headers.get("Content-Type") == "application/json"
            else content.decode(errors="replace")
        )
        expected = self.waiting[0]["request"] if self.waiting else None
        if headers.get("Authorization") != f"Bearer {TOKEN}" or headers.get("X-GitHub-Api-Version") != "2022-11-28":
            self.wrong.append(f"{asked}: without the token or the API's version")
        if expected is None or asked != expected["line"] or not _matches(expected.get("body", ""), body):
            self.wrong.append(f"{asked} {body}\n  but recorded is: {expected}")
            return 599, {}, b"{}"
        self.asked.append(asked)
        self.bodies.append(body)
        response = self.waiting.pop(0)["response"]
        text = json.dumps(response.get("body")).replace("{api}", self.api)
        sent = {name: value.replace("{api}", self.api) for name, value in response.get("headers", {}).items()}
        return response["status"], sent, b"" if response["status"] == 204 else text.encode()


@contextmanager
def replayed(*names: str, folder: Path = FOLDER) -> Iterator[Replay]:
    """Serve the recordings of those names, one after the other.

    Fails where a request was another one, or did not come.
    """
    pairs = []
    for name in names:
        pairs += json.loads((folder / f"{name}.json").read_text())
    replay = Replay(pairs)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(replay))
    replay.api = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
    assert not replay.wrong, "\n".join(replay.wrong)
    assert not replay.waiting, f"not asked: {[pair['request']['line'] for pair in replay.waiting]}"


def _matches(expected: Any, actual: Any) -> bool:
    if expected == "*":
        return True
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_matches(expected[name], actual[name]) for name in expected)
    return bool(expected == actual)


def _handler(replay: Replay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _replay(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = replay.answer(self.command, self.path, self.headers, content)
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json; charset=utf-8",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_DELETE = _replay  # noqa: N815 (the names that http.server calls)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler
