"""Bad input, each piece with the answer it must get; the demonstration and the tests send it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """A POST /v1/ballots and what must come of it."""

    body: bytes
    # what the body holds, by index; empty when it holds no list of ballots
    ballots: Sequence[Any] = ()
    # index → code; all others must be accepted
    refused: Mapping[int, str] = field(default_factory=dict)
    status: int = 202
    content_type: str | None = JSON
    name: str = "ballots"


def ballots_request(ballots: Sequence[Any]) -> Request:
    """A request with one ballot as the whole body, or several in a list."""
    body = ballots[0] if len(ballots) == 1 else {"ballots": list(ballots)}
    return Request(json.dumps(body).encode(), tuple(ballots))


GOOD: dict[str, Any] = {"voter_id": "careful-client", "title_id": "mv0001", "votes": {"story": 4}}


def _with(**changes: Any) -> dict[str, Any]:
    return GOOD | changes


LONG = "x" * 65
BAD_BALLOTS: list[tuple[Any, str]] = [
    ("a ballot", "not-an-object"),
    (_with(votes={"plot": 3}), "unknown-aspect"),
    (_with(votes={}), "empty-votes"),
    *((_with(votes={"story": score}), "bad-score") for score in (0, 6, 2.5, "5", True)),
    (_with(votes={"story": float("nan")}), "bad-score"),
    ({"title_id": "mv0001", "votes": {"story": 4}}, "missing-field"),
    (_with(extra=1), "unknown-field"),
    *((_with(voter_id=voter), "bad-identifier") for voter in (LONG, "", "a b", "nul\x00", "\ud800", 7, None)),
    (_with(title_id=LONG), "bad-identifier"),
    (_with(ballot_id="alone"), "stamp-incomplete"),
    (_with(cast_at="2026-01-01T00:00:00Z"), "stamp-incomplete"),
    (_with(ballot_id="b", cast_at="2026-01-01T00:00:00"), "bad-time"),
    (_with(ballot_id="b", cast_at="yesterday"), "bad-time"),
    (_with(ballot_id="b", cast_at="1970-01-01T00:00:00Z"), "too-early"),
    (_with(ballot_id="b", cast_at="2100-01-01T00:00:00Z"), "too-late"),
]


def _raw(name: str, body: str | bytes, status: int, *, content_type: str | None = JSON) -> Request:
    return Request(
        body if isinstance(body, bytes) else body.encode(), status=status, content_type=content_type, name=name
    )


TWICE = '{"voter_id": "v1", "voter_id": "v2", "title_id": "mv0001", "votes": {"story": 4}}'
BAD_REQUESTS: list[Request] = [
    *(Request(json.dumps(bad).encode(), (bad,), {0: code}, 400, name=f"only {code}") for bad, code in BAD_BALLOTS[1:]),
    Request(TWICE.encode(), (TWICE,), {0: "duplicate-key"}, 400, name="a key twice"),
    _raw("not JSON", "{votes", 400),
    _raw("nothing", "", 400),
    _raw("a text", '"ballot"', 400),
    _raw("an empty list", '{"ballots": []}', 400),
    _raw("not a list", '{"ballots": 3}', 400),
    _raw("not UTF-8", b"\xff\xfe\x00", 400),
    _raw("nested too deep", "[" * 60_000 + "]" * 60_000, 400),
    _raw("501 ballots", json.dumps({"ballots": [GOOD] * 501}), 413),
    _raw("more than 1 MiB", json.dumps({"ballots": [GOOD], "padding": "x" * 1_100_000}), 413),
    _raw("no content type", json.dumps(GOOD), 415, content_type=None),
    _raw("another content type", json.dumps(GOOD), 415, content_type="text/csv"),
]
