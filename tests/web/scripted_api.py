"""The voting page's files as they are served, and an API on another port: a test says what it
answers.

Its answers are those of docs/votes/openapi.yaml, with the CORS headers that our API sends.
"""

from __future__ import annotations

import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tools.common.paths import ROOT

FOLDER = ROOT / "web/vote"
ASPECTS = ["story", "acting", "visuals", "music", "overall"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {api}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FIRST, SECOND = "2026-11-21T08:00:04.000000Z", "2026-11-21T08:00:14.000000Z"

Json = dict[str, Any]
Answer = tuple[int, Json, dict[str, str]]


def histogram(**votes: int) -> Json:
    """An aspect's part of results: `five=2` and so on."""
    names = ("one", "two", "three", "four", "five")
    counted = {str(score): votes.get(name, 0) for score, name in enumerate(names, 1)}
    number = sum(counted.values())
    total = sum(int(score) * n for score, n in counted.items())
    return {"votes": number, "mean": round(total / number, 4) if number else None, "histogram": counted}


class ScriptedApi:
    """What the API knows, which a test may change, and what it was asked."""

    def __init__(self) -> None:
        self.config: Json = {
            "aspects": ASPECTS,
            "scale": {"lowest": 1, "highest": 5},
            "voter": "anonymous",
            "names": {"mv0001": "The Shawshank Redemption", "mv0002": "The Dark Knight", "mv0003": "Pulp Fiction"},
        }
        self.page = ""
        self.origins: tuple[str, ...] = ()
        self.titles = [place(number, f"mv000{number}", 40 - 9 * number) for number in (1, 2, 3)]
        self.results: Json = {"voters": 3, "as_of": FIRST, "aspects": {a: histogram() for a in ASPECTS}}
        self.results["aspects"]["story"] = histogram(five=2, three=1)
        self.votes: Json = {}
        self.in_results = False
        self.next: list[Answer] = []  # what ballots are answered before they are taken
        self.asked: list[tuple[str, str]] = []
        self.ballots: list[Json] = []
        self.headers: list[dict[str, str]] = []

    def count(self, shown: bool = False) -> None:
        """The last ballot is counted now; and the results hold it, if they do."""
        ballot = self.ballots[-1]
        for aspect, score in ballot["votes"].items():
            self.votes[aspect] = {"score": score, "ballot_id": ballot["ballot_id"], "cast_at": ballot["cast_at"]}
        self.in_results = shown

    def answer(self, method: str, path: str, headers: dict[str, str], body: Json) -> Answer:
        """What a request is answered."""
        self.asked.append((method, path))
        self.headers.append(headers)
        name = urlsplit(path).path
        if name == "/v1/ballots":
            self.ballots.append(body)
            return self.next.pop(0) if self.next else taken(body)
        if name == "/v1/titles":
            order = "best" if "order=best" in path else "most-voted"
            listed = self.titles[::-1] if order == "best" else self.titles
            return 200, {"order": order, "aspect": None, "titles": listed, "as_of": FIRST, "next": None}, {}
        title = unquote(name.split("/")[3])
        if name.endswith("/vote"):
            said = {"title_id": title, "voter_id": headers.get("voter-id", "t"), "in_results": self.in_results}
            return 200, {**said, "votes": self.votes}, {}
        return 200, {"title_id": title, **self.results}, {}


def place(number: int, title_id: str, voters: int) -> Json:
    """A title of the list."""
    said = {"votes": voters, "mean": 5 - number / 2}
    return {
        "place": number,
        "title_id": title_id,
        "voters": voters,
        "ranked_by": voters,
        "aspects": dict.fromkeys(ASPECTS, said),
    }


def taken(ballot: Json) -> Answer:
    """202 for a ballot."""
    accepted = [{"index": 0, "ballot_id": ballot["ballot_id"], "cast_at": ballot["cast_at"]}]
    return 202, {"accepted": accepted, "rejected": []}, {}


def refused(status: int, code: str, message: str, **headers: str) -> Answer:
    """An answer with one ballot rejected."""
    rejected = [{"index": 0, "code": code, "message": message}]
    body = {"code": "no-ballot", "message": "details say why", "details": {"rejected": rejected}}
    return status, body, {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def served() -> Iterator[ScriptedApi]:
    """The page and its API, each on a free port of loopback: two origins, as on AWS."""
    api = ScriptedApi()
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(api, files)) for files in (True, False)]
    page, other = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    api.page, api.origins, api.config["api"] = f"{page}/", (page, other), other
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield api
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: ScriptedApi
    files: bool

    def do_GET(self) -> None:
        """A file, or an answer of the API."""
        if self.files:
            self._file()
        else:
            self._asked()

    def do_POST(self) -> None:
        """An answer of the API."""
        self._asked()

    def do_OPTIONS(self) -> None:
        """May the page ask?"""
        self._send(204, b"", {"access-control-max-age": "0"})

    def _file(self) -> None:
        name = urlsplit(self.path).path.strip("/") or "index.html"
        if name == "config.json":
            self._send(200, json.dumps(self.api.config).encode(), {"content-type": "application/json"})
            return
        kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "text/plain"
        api = urlsplit(self.api.config["api"])
        policy = POLICY.format(api=f"{api.scheme}://{api.netloc}")
        self._send(200, (FOLDER / name).read_bytes(), {"content-type": kind, "content-security-policy": policy})

    def _asked(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        given = {name.lower(): value for name, value in self.headers.items()}
        status, answer, headers = self.api.answer(self.command, self.path, given, body)
        self._send(status, json.dumps(answer).encode(), {"content-type": "application/json", **headers})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        allowed = {
            "access-control-allow-origin": "*",
            "access-control-allow-headers": "content-type,authorization,voter-id",
            "access-control-expose-headers": "retry-after",
        }
        for name, value in {**({} if self.files else allowed), **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def _handler(api: ScriptedApi, files: bool) -> type[_Handler]:
    """Of the server of files, or of the API."""
    return type("Handler", (_Handler,), {"api": api, "files": files})
