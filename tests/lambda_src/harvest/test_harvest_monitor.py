"""The monitor vendor's file: its requests, and what each answer is to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.parcels import Task
from harvest.vendor import Answer, GrantUnclear
from harvest.vendors import VENDORS, named
from harvest.vendors.monitor import Monitor
from shared.settings import SettingsError

VENDOR = Monitor()
DATA = Task("data", ("g/1", "h ü", "cpu"))
TASKS = {"groups": Task("groups"), "hosts": Task("hosts", ("g",)), "data groups": Task("data groups", ("g", "h"))}
NOW = 1_796_007_600.0


def judged(task: Task, status: int, body: object = None, **headers: str) -> Any:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return VENDOR.judge(task, Answer(status, said, raw), NOW, 60.0)


def test_requests() -> None:
    assert VENDOR.request(Task("groups"), None).target == "/v1/groups"
    assert VENDOR.request(TASKS["hosts"], 5).target == "/v1/groups/g/hosts?offset=0&limit=500"
    assert VENDOR.request(DATA, None).target == "/v1/groups/g%2F1/hosts/h%20%C3%BC/data-groups/cpu/data"
    assert VENDOR.request(DATA, 1_796_000_000_999).target.endswith("/data?since=1796000000")
    assert "since" not in VENDOR.request(TASKS["data groups"], 7).target
    more = VENDOR.listed(Task("groups"), {"groups": [], "next": "a b/"})
    assert more is not None
    assert more.more is not None
    assert VENDOR.request(more.more, None).target == "/v1/groups?cursor=a+b%2F"
    assert VENDOR.authorised(VENDOR.request(DATA, None), "t").headers == {"authorization": "Bearer t"}


STATUSES = {
    0: "again", 400: "failed", 401: "unauthorised", 403: "failed", 404: "gone", 408: "again", 410: "gone",
    301: "failed", 204: "failed", 429: "throttled", 500: "again", 502: "again", 503: "again", 504: "again",
}  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_what_a_status_is(status: int, kind: str) -> None:
    assert judged(DATA, status, b"").kind == kind


def test_an_overload_that_says_for_how_long_is_a_throttle() -> None:
    verdict = judged(DATA, 503, b"", retry_after="7")
    assert (verdict.kind, verdict.wait_seconds) == ("throttled", 7)
    assert judged(DATA, 429, b"").wait_seconds == 60, "the window"
    assert judged(DATA, 500, b"", retry_after="7").kind == "again"


def test_an_answer_too_large_or_late() -> None:
    assert VENDOR.judge(DATA, Answer(0, cause="too-large"), NOW, 60.0).kind == "failed"
    late = VENDOR.judge(DATA, Answer(0, cause="timeout"), NOW, 60.0)
    assert (late.kind, late.cause) == ("again", "timeout")


def test_errors_within_an_answer() -> None:
    for error, kind in (
        ({"code": "temporarily-unavailable"}, "again"),
        ({"code": "overloaded", "message": "x"}, "again"),
        ({"code": "no-such-metric"}, "failed"),
        ("what?", "failed"),
        (None, "failed"),
    ):
        verdict = judged(DATA, 200, {"error": error, "points": []})
        assert (verdict.kind, verdict.cause) == (kind, "error-in-answer")


def test_a_throttle_within_an_answer() -> None:
    verdict = judged(DATA, 200, {"error": {"code": "too-many-requests"}}, retry_after="9")
    assert (verdict.kind, verdict.wait_seconds, verdict.cause) == ("throttled", 9, "error-in-answer")
    assert judged(DATA, 200, {"error": {"code": "too-many-requests"}}).wait_seconds == 60


RIGHT: dict[str, dict[str, Any]] = {
    "groups": {"groups": [{"name": "a", "more": 1}], "next": None},
    "hosts": {"hosts": [{"name": "h1"}], "total": 1, "offset": 0},
    "data groups": {"data_groups": []},
}
WRONG: list[Any] = [
    b"",
    b"{",
    b"[]",
    b'"x"',
    b"\xff",
    b"\xef\xbb\xbf{}",
    b"[" * 9000,
    b'{"points": [NaN]}',
    b'{"points": [1e999]}',
    {},
]


@pytest.mark.parametrize("level", [*RIGHT, "data"])
def test_answers_that_cannot_be_read(level: str) -> None:
    task = TASKS.get(level, DATA)
    assert judged(task, 200, RIGHT.get(level, {"points": [{"at": 1}]})).kind == "ok"
    for body in WRONG:
        assert judged(task, 200, body).cause == "unreadable"


@pytest.mark.parametrize("name", ["", None, 7, "x" * 501, "a\nb", "\ud800", {}])
def test_names_that_cannot_be_names(name: Any) -> None:
    for level, body in RIGHT.items():
        field = next(key for key, value in body.items() if isinstance(value, list))
        assert judged(TASKS[level], 200, body | {field: [{"name": name}]}).cause == "unreadable"


@given(
    st.sampled_from([*TASKS.values(), DATA]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["groups", "hosts", "name", "total", "next", "error", "data_groups", "points"]), inner
            )
        ),
        max_leaves=12,
    ),
)
def test_whatever_comes_is_judged(task: Task, body: object) -> None:
    """And what is judged ok can be followed."""
    verdict = judged(task, 200, body)
    assert verdict.kind in ("ok", "failed", "again")


def test_what_follows() -> None:
    groups = VENDOR.listed(Task("groups"), {"groups": [{"name": "a"}, {"name": "b"}, {"name": "a"}], "next": None})
    assert groups is not None
    assert groups.tasks == [Task("hosts", ("a",)), Task("hosts", ("b",))], "a name given twice is one"
    assert list(groups.tasks) == [VENDOR.group("a"), VENDOR.group("b")]
    hosts = VENDOR.listed(TASKS["hosts"], {"hosts": [{"name": "h"}], "total": 1})
    assert hosts is not None
    assert hosts.tasks == [Task("data groups", ("g", "h"))]
    data = VENDOR.listed(TASKS["data groups"], {"data_groups": [{"name": "cpu"}]})
    assert data is not None
    assert data.tasks == [Task("data", ("g", "h", "cpu"))]
    assert VENDOR.listed(DATA, {"points": []}) is None


def test_tokens() -> None:
    secret = {"client_id": "me", "client_secret": "x&y"}
    asked = VENDOR.grant_request(secret, "")
    assert (asked.method, asked.target) == ("POST", "/oauth/token")
    assert asked.body == b"grant_type=client_credentials&client_secret=x%26y&client_id=me"
    assert b"grant_type=refresh_token&refresh_token=r1" in VENDOR.grant_request(secret, "r1").body
    with pytest.raises(KeyError):
        VENDOR.grant_request({"client_id": "me"}, "")
    given = {"access_token": "t", "expires_in": 60, "refresh_token": "r"}
    assert VENDOR.grant(Answer(200, {}, json.dumps(given).encode())) == ("t", 60.0, "r")
    assert VENDOR.grant(Answer(400, {}, b'{"error": "invalid_grant"}')) is None
    for unclear in (Answer(0, cause="timeout"), Answer(503), Answer(200, {}, b"{}"), Answer(200, {}, b"<html>")):
        with pytest.raises(GrantUnclear):
            VENDOR.grant(unclear)


def test_a_vendor_is_found_by_its_name() -> None:
    assert named("monitor") is VENDORS["monitor"]
    with pytest.raises(SettingsError, match="there is no vendor acme, but monitor"):
        named("acme")
