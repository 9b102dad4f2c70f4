"""Calls over real HTTP: each ends in time, within bounds, and is made once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from harvest.caller import MOST_BYTES, Caller, WrongAddress
from harvest.vendor import Request


class Server:
    """Answers each connection with what it is told, then keeps it open or closes it."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.parts: list[bytes | float] = []  # a float: seconds to wait
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                said = connection.recv(65_536)
                while said.startswith(b"POST") and not said.endswith(b"a=b"):
                    said += connection.recv(65_536)
                self.requests.append(said)
                try:
                    for part in self.parts:
                        if isinstance(part, float):
                            time.sleep(part)
                        else:
                            connection.sendall(part)
                except OSError:
                    continue

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def caller(server: Server, seconds: float = 2.0) -> Caller:
    return Caller(server.url, seconds, 2)


def test_an_answer_is_taken_with_its_headers(server: Server) -> None:
    server.parts = [b"HTTP/1.1 429 Slow\r\nRetry-After: 50\r\nretry-after: 53\r\ncontent-length: 2\r\n\r\n{}"]
    answer = caller(server).call(Request("/v1/groups?a=b%2F", headers={"authorization": "Bearer t"}))
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (429, b"{}", "50, 53")
    (sent,) = server.requests
    assert sent.startswith(b"GET /v1/groups?a=b%2F HTTP/1.1\r\n")
    assert b"authorization: Bearer t\r\n" in sent
    assert b"accept-encoding: identity\r\n" in sent


def test_a_body_is_sent(server: Server) -> None:
    server.parts = [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"]
    assert caller(server).call(Request("/oauth/token", "POST", {}, b"a=b")).status == 200
    assert server.requests[0].endswith(b"\r\n\r\na=b")


@pytest.mark.parametrize(
    ("parts", "cause"),
    [
        ([0.5], "timeout"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n", *[b"x", 0.1] * 6], "timeout"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\nxx"], "connection"),
        ([b"what is this\r\n\r\n"], "connection"),
        ([], "connection"),
        ([b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 1_000_000] * 6], "too-large"),
        ([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"], "connection"),
    ],
)
def test_whatever_goes_wrong_is_an_answer_in_time(server: Server, parts: list[bytes | float], cause: str) -> None:
    server.parts = parts
    began = time.monotonic()
    answer = caller(server, 0.3).call(Request("/"))
    assert (answer.status, answer.cause) == (0, cause)
    assert time.monotonic() - began < 5.0
    assert len(server.requests) == 1, "it is never repeated here"
    assert MOST_BYTES < 6_000_000


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]
    assert Caller(f"http://127.0.0.1:{port}", 1.0, 1).call(Request("/")).cause == "connection"


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.parts = [b"HTTP/1.1 302 Found\r\nlocation: /else\r\ncontent-length: 0\r\n\r\n"]
    assert caller(server).call(Request("/")).status == 302
    assert len(server.requests) == 1


@pytest.mark.parametrize("url", ["http://vendor.example", "http://127.0.0.1.evil.example", "ftp://127.0.0.1x"])
def test_no_token_goes_over_plain_http_to_another_machine(url: str) -> None:
    with pytest.raises(WrongAddress):
        Caller(url, 1.0, 1)
