"""make smoke: each thing that may be wrong after an apply ends it, with words, in bounded time."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from tests.operations.stand_ins import FakeDeployment, Json, Lambda, functions
from tools.common.errors import CommandError
from tools.operations import api
from tools.operations.api import Answer
from tools.operations.votes import billed, smoke
from votes import reserved

SETTINGS = {
    "aspects": ["story", "acting"],
    "scale": {"lowest": 1, "highest": 5},
    "latency_seconds": 60,
    "slot_seconds": 5,
}


class Deployed:
    """An environment in which all is well; a test breaks a part of it.

    Time passes only where the command sleeps.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.requests: list[tuple[str, str, Any]] = []
        self.guarded = 0  # the status that the API refuses by: 401 of voters, 403 of everybody
        self.counts_after: float = 7.0  # seconds until a ballot that is cast is counted
        self.cast_at: float | None = self.now - 600
        self.wrong = False
        self.refusals = {"smoke": "bad-score", "probe": "unknown-title"}
        self.results: Callable[[], Answer] = self._results
        self.aws = Lambda()
        self.aws.answers = {"probe": self._probe, "receive": self._receive, "results": self._read}
        clients = {"lambda": self.aws, "sqs": SimpleNamespace(get_queue_attributes=lambda **_: {"Attributes": {}})}
        outputs = {
            "clients": clients,
            "functions": functions(),
            "settings": SETTINGS,
            "api_url": "https://api",
            "queues": {"ingest": {"url": "q", "dead_letter_url": "d"}},
        }
        self.deployment = FakeDeployment("prod", outputs, None, {})
        monkeypatch.setattr(smoke, "ask", self._ask)
        monkeypatch.setattr(billed, "tell", lambda deployment: f"billed: by {deployment.name}")
        monkeypatch.setattr(smoke, "time", SimpleNamespace(monotonic=lambda: self.now, sleep=self._sleep))

    def run(self) -> tuple[int, str]:
        console = Console(width=300, file=io.StringIO(), record=True)
        return smoke.run(self.deployment, console), console.export_text()

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _ask(self, deployment: Any, method: str, path: str, body: Any = None) -> Answer:
        self.requests.append((method, path, body))
        if method == "GET":
            return answer(403, {"Message": "Forbidden"}) if self.guarded == 403 else self.results()
        return answer(self.guarded, {"message": "Unauthorized"}) if self.guarded else self._refused(body)

    def _refused(self, ballot: Json) -> Answer:
        why = [{"code": self.refusals[ballot["title_id"]]}] if ballot["title_id"] in self.refusals else []
        return answer(400, {"code": "no-ballot", "message": "", "details": {"rejected": why}})

    def _receive(self, event: Json) -> Json:
        assert reserved.is_probe(event)
        return {"statusCode": 400, "body": self._refused(json.loads(event["body"])).text}

    def _read(self, event: Json) -> Json:
        assert (event["entrance"], event["pathParameters"]) == ("invoke", {"title_id": "probe"})
        read = self.results()
        return {"statusCode": read.status, "body": read.text}

    def _probe(self, event: Json) -> Json:
        if self.cast_at is None or (counted := self.now >= self.cast_at + self.counts_after):
            age, self.cast_at = None if self.cast_at is None else self.now - self.cast_at, self.now
            return {
                "age_seconds": age,
                "counted": True if age is not None else None,
                "wrong": self.wrong if age else None,
                "cast": True,
            }
        return {"age_seconds": self.now - self.cast_at, "counted": counted, "wrong": None, "cast": False}

    def _results(self) -> Answer:
        as_of = f"2026-11-21T08:00:{int(self.now) % 60:02}.000000Z"
        return answer(200, {"voters": 1, "aspects": {"story": {"votes": 1}, "acting": {"votes": 0}}, "as_of": as_of})


def answer(status: int, body: Json) -> Answer:
    return Answer(status, body, json.dumps(body))


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    return Deployed(monkeypatch)


def test_all_is_well(deployed: Deployed) -> None:
    code, printed = deployed.run()
    assert code == 0
    for part in (
        "refused by the API, with the reason: bad-score, unknown-title",
        "counted: a ballot cast",
        "read back by the API",
        "billed: by prod",
        "all well",
    ):
        assert part in printed
    posted = [body for method, _, body in deployed.requests if method == "POST"]
    assert [(one["title_id"], one["votes"]) for one in posted] == [("smoke", {"story": 6}), ("probe", {"story": 5})], (
        "none can be taken"
    )


def test_the_first_ballot_of_all_is_waited_for(deployed: Deployed) -> None:
    deployed.cast_at = None
    assert deployed.run()[0] == 0


def test_where_the_api_asks_for_a_token_receive_is_asked_by_its_alias(deployed: Deployed) -> None:
    deployed.guarded = 401
    code, printed = deployed.run()
    assert code == 0
    assert "refused by receive (the API asks for a token: 401)" in printed
    assert "read back by the API" in printed


def test_where_every_route_asks_for_a_signature_results_are_asked_by_their_alias(deployed: Deployed) -> None:
    """A Function URL with AWS_IAM lets nobody in who does not sign."""
    deployed.guarded = 403
    code, printed = deployed.run()
    assert code == 0
    assert "refused by receive (the API asks for a signature or a token: 403)" in printed
    assert "read back by results: 1 voter" in printed


@pytest.mark.parametrize(
    ("refusals", "wanted"),
    [
        ({}, "bad-score"),
        ({"smoke": "unknown-title", "probe": "unknown-title"}, "bad-score"),
        ({"smoke": "bad-score"}, "unknown-title"),
        ({"smoke": "bad-score", "probe": "bad-score"}, "unknown-title"),
    ],
)
def test_a_bad_ballot_must_be_refused_for_its_own_reason(
    deployed: Deployed, refusals: dict[str, str], wanted: str
) -> None:
    deployed.refusals = refusals
    code, printed = deployed.run()
    assert code == 1
    assert f"must be refused with 400 and {wanted}" in printed


def test_a_ballot_that_is_not_counted_in_time_ends_it(deployed: Deployed) -> None:
    deployed.counts_after, began = 10_000, deployed.now
    deployed.cast_at = deployed.now - 20_000
    code, printed = deployed.run()
    assert code == 1
    assert "a ballot cast by it is not counted within 100 s" in printed
    assert deployed.now - began < 110


def test_a_ballot_from_before_that_holds_up_its_own_is_told_apart(deployed: Deployed) -> None:
    deployed.counts_after, began = 10_000, deployed.now
    assert "of its own, cast before, is not counted and holds up the next" in deployed.run()[1]
    assert deployed.now - began < 110


def test_a_ballot_from_before_that_is_counted_does_not_prove_anything(deployed: Deployed) -> None:
    """Only one that was cast after this began has come all the way."""
    began = deployed.now
    deployed.run()
    assert deployed.now - began >= deployed.counts_after


def test_a_wrong_count_ends_it_at_once(deployed: Deployed) -> None:
    deployed.wrong = True
    code, printed = deployed.run()
    assert (code, "counted wrongly" in printed) == (1, True)


@pytest.mark.parametrize("failure", ["nothing is there", "the fold is old", "counted twice", "no results"])
def test_results_must_show_it(deployed: Deployed, failure: str) -> None:
    good = deployed._results()
    assert good.body is not None
    answers = {
        "nothing is there": answer(404, {"code": "unknown-title", "message": "", "details": None}),
        "the fold is old": good,
        "counted twice": answer(200, good.body | {"voters": 2, "as_of": "2027"}),
        "no results": answer(503, {"message": "Service Unavailable"}),
    }
    deployed.results = lambda: answers[failure]
    code, printed = deployed.run()
    assert code == 1
    assert "must show one voter" in printed


def test_a_probe_that_fails_or_is_not_there_is_told(deployed: Deployed) -> None:
    deployed.aws.answers["probe"] = lambda event: {"errorMessage": "receive answered 503"}
    assert "probe failed (Unhandled: receive answered 503)" in deployed.run()[1]
    del deployed.deployment.outputs["functions"]["probe"]
    assert "prod has no function 'probe'" in deployed.run()[1]


@pytest.fixture
def server() -> Iterator[tuple[str, list[int], list[str]]]:
    """A server on a free loopback port: its address, what it answers, the paths it was asked.

    It answers the statuses one after the other.
    """
    statuses: list[int] = []
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(statuses.pop(0))
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", statuses, paths
        listening.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("statuses", "status", "asked"), [([200], 200, 1), ([503, 429, 200], 200, 3), ([503] * 4, 503, 3), ([404], 404, 1)]
)
def test_what_passes_is_asked_again_three_times_in_all(
    server: tuple[str, list[int], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    statuses: list[int],
    status: int,
    asked: int,
) -> None:
    monkeypatch.setattr(api, "PAUSE_SECONDS", 0.0)
    url, answers, paths = server
    answers += statuses
    assert api.ask(FakeDeployment("dev", {"api_url": url}, None, {}), "GET", "/x") == (status, {}, "{}")
    assert paths == ["/x"] * asked


def test_the_emulator_is_told_whose_api_is_asked(server: tuple[str, list[int], list[str]]) -> None:
    url, answers, paths = server
    answers.append(200)
    outputs = {"api_url": url, "account_id": "111111111111", "region": "eu-west-1"}
    api.ask(FakeDeployment("dev", outputs, "http://here", {}), "GET", "/x")
    assert paths == ["/x?X-Amz-Credential=111111111111%2F20260101%2Feu-west-1%2Fexecute-api%2Faws4_request"]


def test_an_api_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "PAUSE_SECONDS", 0.0)
    outputs: Json = {"api_url": "http://127.0.0.1:9", "settings": {"entrance": "http_api"}}
    told = r"the API of dev cannot be reached: GET http://127\.0\.0\.1:9/x .*Was it applied\?"
    with pytest.raises(CommandError, match=f"{told}$"):
        api.ask(FakeDeployment("dev", outputs, None, {}), "GET", "/x")
    outputs["settings"]["entrance"] = "alb"
    with pytest.raises(CommandError, match=rf"{told} An internal load balancer .* alb\.network\.from"):
        api.ask(FakeDeployment("dev", outputs, None, {}), "GET", "/x")
