"""The live page's server: who may ask it, and press its buttons."""

from __future__ import annotations

import pytest

from tests.live.scripted import TOKEN, ScriptedSource, served
from tools.common.errors import CommandError
from tools.common.loopback import TOKEN_HEADER
from tools.live.source import PEEK, NotFound

JSON = {"content-type": "application/json"}
PAGE = {"sec-fetch-site": "same-origin"} | JSON
PROGRAM = {TOKEN_HEADER: TOKEN} | JSON


def test_flows_are_told_as_they_are_drawn() -> None:
    with served(ScriptedSource()) as live:
        (flow,) = live.get("/flows").json()
    assert flow["nodes"][1] == {"id": "queue/orders", "kind": "queue", "label": "orders", "column": 1, "row": 0}
    assert {"from": "queue/orders", "to": "function/take"} in flow["edges"], "a consumer's edge is derived"


def test_every_answer_keeps_what_is_foreign_out() -> None:
    with served(ScriptedSource(), vote={"api": "http://127.0.0.1:9/_aws/x"}) as live:
        policy = live.get("/flows").headers["content-security-policy"]
        vote = live.get("/vote/config.json")
    assert policy.startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "connect-src" not in policy
    assert "connect-src 'self' http://127.0.0.1:9" in vote.headers["content-security-policy"]
    assert vote.json() == {"api": "http://127.0.0.1:9/_aws/x"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (PAGE, 200),
        (PROGRAM, 200),
        (PAGE | {"content-type": "text/plain"}, 415),
        (PAGE | {"sec-fetch-site": "none"}, 403),
        (PAGE | {"sec-fetch-site": "cross-site"}, 403),
        (PAGE | {"origin": "http://evil.example"}, 403),
        (PROGRAM | {TOKEN_HEADER: "another"}, 403),
        (JSON, 403),
        (PROGRAM | {"host": "evil.example"}, 403),
        (PROGRAM | {"user-agent": "Mozilla/5.0"}, 403),
    ],
)
def test_only_the_page_and_who_has_the_token_press_a_button(headers: dict[str, str], status: int) -> None:
    source = ScriptedSource()
    with served(source) as live:
        assert live.post("/faults/kill", '{"seconds": 5}', headers=headers).status == status
    assert source.asked == ([("break", ["kill"], {"seconds": 5})] if status == 200 else [])


def test_a_foreign_page_reads_nothing() -> None:
    with served(ScriptedSource()) as live:
        assert live.get("/flows", headers={"host": "evil.example"}).status == 403
        assert live.get("/events", headers={"sec-fetch-site": "cross-site"}).status == 403


@pytest.mark.parametrize(
    "path",
    [
        *("/heal", "/faults/kill", "/faults/kill/heal", "/load/orders", "/cures/1"),
        *("/letters/orders/redrive", "/letters/orders/park"),
    ],
)
def test_a_source_that_reads_only_is_never_asked_to_act(path: str) -> None:
    source = ScriptedSource(can=[PEEK])
    with served(source) as live:
        answer = live.post(path, "{}", headers=PAGE)
    assert (answer.status, source.asked) == (405, [])
    assert "read only" in answer.json()["message"]


def test_what_a_source_cannot_do_is_refused_before_it_is_asked() -> None:
    source = ScriptedSource(can=["load"])
    with served(source) as live:
        assert live.post("/faults/kill", "{}", headers=PAGE).status == 400
        assert live.post("/load/orders", '{"shape": "off"}', headers=PAGE).status == 200
    assert source.asked == [("load", ["orders"], {"shape": "off"})]


@pytest.mark.parametrize(("body", "status"), [("[1]", 400), ("{", 400), ("{" + " " * 70_000 + "}", 400), ("", 200)])
def test_a_button_says_a_small_object(body: str, status: int) -> None:
    with served(ScriptedSource()) as live:
        assert live.post("/heal", body, headers=PAGE).status == status


@pytest.mark.parametrize(("error", "status"), [(NotFound("no such"), 404), (CommandError("not so"), 400)])
def test_why_something_is_refused_is_said(error: Exception, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise error

    source = ScriptedSource()
    monkeypatch.setattr(source, "peek", refuse)
    with served(source) as live:
        answer = live.get("/peek/orders/orders")
    assert (answer.status, answer.json()["message"]) == (status, str(error))


def test_the_source_is_closed_at_the_end() -> None:
    source = ScriptedSource()
    with served(source):
        assert source.closed == 0
    assert source.closed == 1
