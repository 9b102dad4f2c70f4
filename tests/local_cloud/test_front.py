"""No request that a web page can send gets past the front, and all that this user's programs send
does.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
from typing import Any

import psutil
import pytest

from tests.support import api_on
from tools.common import loopback
from tools.local_cloud import emulator, fault_proxy
from tools.local_cloud.front import Message, of_emulator
from tools.local_cloud.runs import Run

TOKEN = "0123456789abcdef"
HOST = ("Host", "127.0.0.1:4566")
CHROME = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36")
API = "/_aws/execute-api/abcdef12/v1/ballots"
ENTRANCES = (API, "/_aws/lambda-url/abcdef12/v1/ballots", "/_alb/sluice-local-votes/v1/ballots")
HOSTILE = [
    ("Origin", "https://evil.example"),
    ("Origin", "null"),
    ("Origin", "http://127.0.0.1:4567"),  # another port of this machine
    ("Origin", "http://localhost:4566"),
    ("Origin", "https://127.0.0.1:4566"),
    ("Origin", "http://127.0.0.1:4566.evil.example"),
    ("Origin", ""),
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Site", "same-site"),  # which ports of one machine are
    ("Sec-Fetch-Site", "anything"),
    CHROME,  # an old browser, which sends neither with an image
]
NAMES = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:4566",
    "evil.example:4566",
    "192.168.1.7:4566",
    "0.0.0.0:4566",
    "bucket.localhost:4566",
    "localhost:4566@evil.example",
    "localhost:4566, evil.example",
    "127.0.0.1:4566:80",
    "",
]


@pytest.mark.parametrize("header", HOSTILE)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/2015-03-31/functions",
        "/_ministack/reset",
        "/_aws/execute-api/abcdef12",
        "//x",
        "/_aws/lambda-url/",
        "/_alb",
    ],
)
def test_what_a_page_sends_is_refused(header: tuple[str, str], path: str) -> None:
    front = of_emulator(TOKEN)
    token = (loopback.TOKEN_HEADER, TOKEN)
    assert "web pages" in (front.refusal(path, [HOST, header, token]) or "")
    for entrance in ENTRANCES:
        assert front.refusal(entrance, [HOST, header]) is None, "what is deployed has CORS settings of its own"


@pytest.mark.parametrize("header", HOSTILE)
def test_no_page_uploads_by_an_address_that_was_signed(header: tuple[str, str]) -> None:
    """The emulator's keys can be reckoned, and so its signatures: an address proves nothing."""
    signed = "/uploads/in/b/000?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0"
    assert "web pages" in (of_emulator(TOKEN).refusal(signed, [HOST, header]) or "")
    assert of_emulator(TOKEN).refusal(signed, [HOST]) is None, "who is no page uploads"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_was_made_to_point_here_is_refused(name: str) -> None:
    for path in ("/", *ENTRANCES):
        assert "is no name of this machine" in (of_emulator(TOKEN).refusal(path, [("Host", name)]) or "")
    assert of_emulator(TOKEN).refusal("/", [HOST, ("Host", name)]), "two of them"
    assert of_emulator(TOKEN).refusal("/", []), "none"


@pytest.mark.parametrize(
    "headers",
    [
        [HOST],
        [("host", "LOCALHOST:1")],
        [("host", "localhost")],
        [("host", "[::1]:4566")],
        [HOST, ("User-Agent", "Boto3/1.44.8")],
        [HOST, ("Origin", "http://127.0.0.1:4566"), ("Sec-Fetch-Site", "same-origin"), CHROME],
        [HOST, ("Sec-Fetch-Site", "none"), CHROME],
    ],
)
def test_programs_and_pages_of_its_own_pass(headers: list[tuple[str, str]]) -> None:
    assert of_emulator(TOKEN).refusal("/", headers) is None


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_localstack/health", "/_microburst/rules", "/_aws/ses", "/_x"])
def test_the_emulators_own_doors_need_the_token(path: str) -> None:
    front, name = of_emulator(TOKEN), loopback.TOKEN_HEADER
    for wrong in ([], [(name, "")], [(name, TOKEN[:-1])], [(name, TOKEN), (name, TOKEN)], [(name, "é")]):
        assert "token of the run" in (front.refusal(path, [HOST, *wrong]) or "")
    assert front.refusal(path, [HOST, (name.lower(), TOKEN)]) is None


def test_a_web_socket_of_a_page_is_not_opened() -> None:
    async def app(*_: Any) -> None:
        raise AssertionError("it got through")

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:4566"), (b"origin", b"https://evil.example")]
    scope = {"type": "websocket", "path": "/", "headers": headers}
    asyncio.run(of_emulator(TOKEN).before(app)(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_the_emulator_and_the_proxy_stand_behind_it(run: Run) -> None:
    proxy = fault_proxy.start(run)
    state = run.state()
    for address in (state["endpoint"], proxy.address):
        for path, header in (("/", HOSTILE[0]), ("/", ("Host", "evil.example")), ("/%5fministack/health", CHROME)):
            status, _, body = _asked(address, "GET", path, header)
            assert status == 403
            assert json.loads(body)["message"]
        for path in ("/_ministack/health", "/_ministack/sqs/messages", "/_microburst/rules", "/_localstack/health"):
            assert _asked(address, "GET", path)[0] == 403
    assert _asked(state["endpoint"], "POST", "/_ministack/reset")[0] == 403
    assert loopback.proves(state["endpoint"], state["token"])
    assert not loopback.proves(state["endpoint"], "another run's")


def test_nothing_of_a_run_listens_but_what_stands_behind_it(run: Run) -> None:
    fault_proxy.start(run)
    state = run.state()
    ports = set()
    for pid in [one.pid for one in psutil.process_iter(["environ"]) if run.mark in (one.info["environ"] or {}).items()]:
        for connection in psutil.Process(pid).net_connections():
            if connection.status == psutil.CONN_LISTEN:
                assert connection.laddr.ip == "127.0.0.1"
                ports.add(connection.laddr.port)
    proxy = Run(run.folder / "proxy").state()
    assert ports == {state["port"], proxy["port"]}


def test_functions_see_no_token_and_reach_the_emulator_by_its_number(run: Run) -> None:
    state = emulator.start(run)

    def client(service: str) -> Any:
        return loopback.session("us-east-1").client(service, endpoint_url=state["endpoint"], **emulator.ROOT_KEYS)

    handler = "import os\n\ndef handler(event, context):\n    return dict(os.environ)\n"
    arn = api_on.function(client, "environment", {"main.py": handler})
    seen = json.load(client("lambda").invoke(FunctionName=arn)["Payload"])
    assert state["token"] not in seen.values()
    assert seen["AWS_ENDPOINT_URL"] == state["endpoint"]
    assert os.environ["HOME"] != seen["HOME"]


def test_the_apis_preflight_is_its_own(run: Run) -> None:
    state = emulator.start(run)

    def client(service: str) -> Any:
        return loopback.session("us-east-1").client(service, endpoint_url=state["endpoint"], **emulator.ROOT_KEYS)

    path = api_on.deploy(client, "https://vote.example.com") + "/v1"
    asks = ("Access-Control-Request-Method", "POST")
    for origin, allowed in (("https://vote.example.com", "https://vote.example.com"), ("https://evil.example", None)):
        _, headers, _ = _asked(state["endpoint"], "OPTIONS", path, ("Origin", origin), asks)
        assert headers["Access-Control-Allow-Origin"] == allowed
    assert _asked(state["endpoint"], "GET", path)[2] == b"from the API"


def _asked(
    address: str, method: str, path: str, *headers: tuple[str, str]
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()
