"""The list of bad input: each gets a clear refusal, spoils nothing good, and is never a 5xx."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from shared import http
from tests.lambda_src.stack import Answer, Context, Stack, ballot, request, stamped
from tests.support.entrances import as_alb, as_url, from_alb
from votes import receive

GOOD = json.dumps(stamped(ballot_id="good"))


def one(**changes: Any) -> str:
    """A ballot's JSON."""
    return json.dumps(stamped(**changes))


def without(field: str) -> str:
    """A stamped ballot's JSON without a field."""
    return json.dumps({name: value for name, value in stamped().items() if name != field})


def scored(score: str) -> str:
    """A ballot's JSON with a score as written."""
    return one().replace('"story": 5', f'"story": {score}')


IDENTIFIER = "must be 1 to 64 of the characters A-Z a-z 0-9 _ -"
SCORE = "votes.story must be a whole number from 1 to 5, or null to withdraw it; got "

BAD_BALLOTS: list[tuple[str, str, str]] = [
    # what is wrong with the ballot, the code, what the message says
    ("null", "not-an-object", "a ballot must be an object with voter_id, title_id, votes; got null"),
    ("[]", "not-an-object", "got a list"),
    ('"ballot"', "not-an-object", 'got "ballot"'),
    ("{}", "missing-field", "voter_id is missing"),
    (without("voter_id"), "missing-field", "voter_id is missing"),
    (without("title_id"), "missing-field", "title_id is missing"),
    (without("votes"), "missing-field", "votes is missing"),
    (without("cast_at"), "stamp-incomplete", "ballot_id without cast_at: send both or neither"),
    (without("ballot_id"), "stamp-incomplete", "cast_at without ballot_id: send both or neither"),
    (
        one(vote=5),
        "unknown-field",
        'a ballot has no field "vote": it has voter_id, title_id, votes, ballot_id, cast_at',
    ),
    (one(**{"\ud800": 5}), "unknown-field", r'no field "\ud800"'),
    (one(votes={}), "empty-votes", "votes is empty: give at least one of story, acting"),
    (one(votes=None), "bad-votes", 'votes must be an object such as {"story": 5}; got null'),
    (one(votes=[5]), "bad-votes", "got a list"),
    (
        one(votes={"plot": 5}),
        "unknown-aspect",
        'unknown aspect "plot": the aspects are story, acting, visuals, music, overall',
    ),
    (one(votes={"story": 5, "": 5}), "unknown-aspect", 'unknown aspect ""'),
    (one(votes={"\ud800": 5}), "unknown-aspect", "unknown aspect"),
    (scored("0"), "bad-score", SCORE + "0"),
    (scored("6"), "bad-score", SCORE + "6"),
    (scored("-1"), "bad-score", SCORE + "-1"),
    (scored("2.5"), "bad-score", SCORE + "2.5"),
    (scored("5.0"), "bad-score", SCORE + "5.0"),
    (scored("5e0"), "bad-score", SCORE + "5.0"),
    (scored('"5"'), "bad-score", SCORE + '"5"'),
    (scored("true"), "bad-score", SCORE + "true"),
    (scored("{}"), "bad-score", SCORE + "an object"),
    (scored("NaN"), "bad-score", SCORE + "NaN"),
    (scored("-Infinity"), "bad-score", SCORE + "-Infinity"),
    (scored("1e999"), "bad-score", SCORE + "1e999"),
    (scored("9" * 39), "bad-score", SCORE + "9" * 39),
    (scored("9" * 10_000), "bad-score", SCORE + "9" * 40),
    (one(voter_id=""), "bad-identifier", f'voter_id {IDENTIFIER}; got ""'),
    (one(voter_id="v" * 65), "bad-identifier", f"voter_id {IDENTIFIER}"),
    (one(voter_id="a b"), "bad-identifier", "voter_id"),
    (one(voter_id="a\n"), "bad-identifier", "voter_id"),
    (one(voter_id="a\0"), "bad-identifier", "voter_id"),
    (one(voter_id="\ud800"), "bad-identifier", r'got "\ud800"'),
    (one(voter_id="é"), "bad-identifier", 'got "é"'),
    (one(voter_id="١"), "bad-identifier", "voter_id"),
    (one(voter_id=5), "bad-identifier", f'{IDENTIFIER}; got 5, a number: send it as text, "5"'),
    (one(title_id=1234567890), "bad-identifier", 'got 1234567890, a number: send it as text, "1234567890"'),
    (one(voter_id=True), "bad-identifier", "got true"),
    # what would spoil a terminal
    (one(voter_id="\x1b[2J\u202e"), "bad-identifier", r'got "\x1b[2J\u202e"'),
    (
        one(title_id="#fold"),
        "bad-identifier",
        'title_id must be 1 to 64 of the characters A-Z a-z 0-9 _ -; got "#fold"',
    ),
    (one(title_id=None), "bad-identifier", "got null"),
    (one(ballot_id="x" * 65), "bad-identifier", "ballot_id"),
    (one(ballot_id=None), "bad-identifier", "ballot_id"),
    (one(cast_at="1970-01-01T00:00:00Z"), "too-early", "cast_at is more than 30 days ago"),
    (one(cast_at="2026-10-22T07:59:59.999999Z"), "too-early", "30 days"),
    (one(cast_at="2100-01-01T00:00:00Z"), "too-late", "cast_at is more than 60 s ahead of our clock"),
    (one(cast_at="2026-11-21T08:01:00.000001Z"), "too-late", "60 s"),
    (
        one(cast_at="2026-11-21T08:00:00"),
        "bad-time",
        "cast_at must be an RFC 3339 time with a zone, such as 2026-11-21T08:00:00Z",
    ),
    (one(cast_at="2026-11-21"), "bad-time", "RFC 3339"),
    (one(cast_at="2026-13-21T08:00:00Z"), "bad-time", "RFC 3339"),
    (one(cast_at="2026-02-30T08:00:00Z"), "bad-time", "RFC 3339"),
    (one(cast_at="2026-11-21T24:00:00Z"), "bad-time", "RFC 3339"),
    (one(cast_at="20261121T080000Z"), "bad-time", "RFC 3339"),
    (one(cast_at="2026-11-20T23:59:60Z"), "bad-time", "and no leap second: send the second before it, 59, or"),
    (one(cast_at="2026-11-20T23:59:60.5+00:00"), "bad-time", "and no leap second"),
    (one(cast_at="2026-11-20T23:59:61Z"), "bad-time", 'such as 2026-11-21T08:00:00Z; got "2026-11-20T23:59:61Z"'),
    (one(cast_at="2026-W47-6T08:00:00Z"), "bad-time", "RFC 3339"),
    (one(cast_at="٢٠٢٦-11-21T08:00:00Z"), "bad-time", "RFC 3339"),
    (one(cast_at=1_795_248_000), "bad-time", "got 1795248000"),
    (one(cast_at=1_795_248_000_000_000), "bad-time", "got 1795248000000000"),
    (one(cast_at=None), "bad-time", "got null"),
    (one(cast_at="x" * 100_000), "bad-time", 'got "' + "x" * 40 + "…"),
    (
        GOOD[:-1] + ', "voter_id": "other"}',
        "duplicate-key",
        'the ballot has the key "voter_id" twice: send each field once',
    ),
    (one().replace('{"story": 5', '{"story": 5, "story": 5'), "duplicate-key", 'votes has the key "story" twice'),
]


@pytest.mark.parametrize(("bad", "code", "says"), BAD_BALLOTS)
def test_a_bad_ballot_is_rejected_alone(stack: Stack, bad: str, code: str, says: str) -> None:
    answer = stack.post(f'{{"ballots": [{GOOD}, {bad}, {GOOD}]}}')
    assert answer.status == 202
    assert [accepted["index"] for accepted in answer.body["accepted"]] == [0, 2]
    (rejected,) = answer.body["rejected"]
    assert (rejected["index"], rejected["code"]) == (1, code)
    assert says in rejected["message"]
    assert len(rejected["message"]) < 250
    (message,) = stack.take("ingest")
    assert len(json.loads(message["body"])["ballots"]) == 2


@pytest.mark.parametrize(("bad", "code", "says"), [row for row in BAD_BALLOTS if row[0].startswith("{")])
def test_a_bad_ballot_by_itself_is_400(stack: Stack, bad: str, code: str, says: str) -> None:
    answer = stack.post(bad)
    assert (answer.status, answer.body["code"]) == (400, "no-ballot")
    (rejected,) = answer.body["details"]["rejected"]
    assert (rejected["index"], rejected["code"]) == (0, code)
    assert says in rejected["message"]
    assert stack.take("ingest") == []


@pytest.mark.parametrize(
    ("edge", "cast_at"),
    [
        ("the oldest", "2026-10-22T08:00:00Z"),
        ("the newest", "2026-11-21T08:01:00Z"),
        ("small letters", "2026-11-21t08:00:00z"),
        ("30 digits", "2026-11-21T08:00:00." + "9" * 30 + "Z"),
        ("another zone", "2026-11-20T22:00:00-10:00"),
    ],
)
def test_times_at_the_edge_are_good(stack: Stack, edge: str, cast_at: str) -> None:
    assert stack.post(stamped(cast_at=cast_at)).status == 202


BAD_BODIES: list[tuple[object, int, str, str]] = [
    (None, 400, "not-json", "the body is not JSON: it is empty"),
    (" \n", 400, "not-json", "the body is not JSON: it is empty"),
    ("\ufeff" + GOOD, 400, "not-json", "it begins with a byte order mark: leave that out"),
    ("voter=1", 400, "not-json", "Expecting value"),
    ('{"ballots": [}', 400, "not-json", "at line 1, column 14"),
    (GOOD + GOOD, 400, "not-json", "something follows its end"),
    (GOOD + "\0", 400, "not-json", "something follows its end"),
    ("{" + GOOD[1:].replace("voter-1", "voter\0"), 400, "not-json", "Invalid control character at line 1, column"),
    ("[" * 500_000, 400, "not-json", "nested too deep"),
    ('{"a":' * 200_000, 400, "not-json", "nested too deep"),
    ("9" * 5_000, 400, "not-an-object", "got 9999"),
    ("5", 400, "not-an-object", 'the body must be a ballot or {"ballots": [...]}; got 5'),
    ("null", 400, "not-an-object", "got null"),
    (f"[{GOOD}]", 400, "not-an-object", "got a list"),
    ({"ballots": []}, 400, "no-ballot", "ballots must be a list of 1 to 500 ballots; got an empty list"),
    ({"ballots": {}}, 400, "no-ballot", "got an object"),
    ({"ballots": None}, 400, "no-ballot", "got null"),
    ({"ballots": [ballot()], "voter_id": "v"}, 400, "unknown-field", 'beside ballots the body has "voter_id"'),
    (f'{{"ballots": [{GOOD}], "ballots": [{GOOD}]}}', 400, "duplicate-key", 'the body has the key "ballots" twice'),
    ({"ballots": [ballot()] * 501}, 413, "too-many-ballots", "501 ballots in one request: send at most 500"),
    (" " * 1_048_577, 413, "too-large", "larger than 1048576 bytes"),
    ("é" * 524_289, 413, "too-large", "larger than 1048576 bytes"),
    ("x" * 6_000_000, 413, "too-large", "send the ballots in several requests"),
]


@pytest.mark.parametrize(("body", "status", "code", "says"), BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_bad_body_is_refused(stack: Stack, body: object, status: int, code: str, says: str) -> None:
    answer = stack.post(body)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert says in answer.body["message"]
    assert len(answer.text) < 500
    assert stack.take("ingest") == []


def test_every_entrance_refuses_alike(stack: Stack) -> None:
    bodies = [f"[{GOOD}, {bad}]" for bad, _, _ in BAD_BALLOTS] + [body for body, *_ in BAD_BODIES]
    bodies += [f'{{"ballots": [{GOOD}, {bad}]}}' for bad, _, _ in BAD_BALLOTS] + [b"\xff".hex(), GOOD]
    events = [request(body) for body in bodies]
    events += [request(GOOD, headers={"content-type": kind}) for kind in ("text/csv", "application/json, a/b", "")]
    events += [request("////", isBase64Encoded=True), request(GOOD, method="PUT")]

    def answers(made: Callable[[Any], Any], read: Callable[[Any], Any] = lambda reply: reply) -> list[tuple[int, Any]]:
        found = [Answer(read(receive.handler(made(event), Context()))) for event in events]
        return [(one.status, one.body.get("rejected") or one.body) for one in found]

    as_it_is = answers(lambda event: event)
    assert {status for status, _ in as_it_is} == {202, 400, 405, 413, 415}
    stack.setenv(ENTRANCE="alb")
    assert answers(as_alb, from_alb)[:-1] == as_it_is[:-1]  # the last one's stamp is drawn anew
    stack.setenv(ENTRANCE="function_url")
    assert answers(as_url)[:-1] == as_it_is[:-1]


def test_a_body_of_just_a_mebibyte_is_read(stack: Stack) -> None:
    assert stack.post(GOOD + " " * (1_048_576 - len(GOOD))).status == 202
    padded = base64.b64encode((GOOD + " " * (1_048_576 - len(GOOD))).encode()).decode()
    assert stack.post(padded, isBase64Encoded=True).status == 202


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("not base64", 400, "not-json"),
        ("é", 400, "not-json"),
        (base64.b64encode(b'{"voter_id": "\xff"}').decode(), 400, "not-json"),
        (base64.b64encode(GOOD.encode("utf-16")).decode(), 400, "not-json"),
        (base64.b64encode(b" " * 1_048_577).decode(), 413, "too-large"),
        (base64.b64encode(b" " * 4_000_000).decode(), 413, "too-large"),
    ],
)
def test_a_bad_base64_body_is_refused(stack: Stack, body: str, status: int, code: str) -> None:
    answer = stack.post(body, isBase64Encoded=True)
    assert (answer.status, answer.body["code"]) == (status, code)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/jsonx"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json,text/plain"},
        {"content-type": "application/json", "Content-Type": "text/plain", "content-encoding": "identity"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "Content-Encoding": "br", "content-encoding": "identity"},
    ],
)
def test_other_content_is_415(stack: Stack, headers: dict[str, str]) -> None:
    assert stack.post(GOOD, headers=headers).status == 415
    assert stack.take("ingest") == []


def test_no_headers_at_all_is_415() -> None:
    with pytest.raises(http.HttpError, match="415 wrong-content-type"):
        http.json_text({"body": GOOD}, 100, "send less")


def test_a_wrong_method_or_path_is_refused_in_our_words(stack: Stack) -> None:
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        answer = stack.post(GOOD, method=method)
        assert (answer.status, answer.body["code"], answer.headers["allow"]) == (405, "wrong-method", "POST")
    answer = stack.post(GOOD, path="/v1/ballot")
    assert (answer.status, answer.body["code"]) == (404, "no-such-route")
    assert stack.take("ingest") == []


def test_two_hundred_thousand_unknown_fields_are_one_refusal(stack: Stack) -> None:
    answer = stack.post("{" + ",".join(f'"{i:x}":1' for i in range(90_000)) + "}")
    assert answer.status == 400
    assert len(answer.text) < 500


def test_bugs_are_500_in_our_shape_and_tell_nothing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("voter-1 must not be seen")

    monkeypatch.setattr("votes.receive.stamps.new_ids", broken)
    answer = stack.post(GOOD)
    assert (answer.status, answer.body["code"]) == (500, "internal")
    (line,) = [line for line in stack.logged() if line.get("level") == "ERROR"]
    assert (line["kind"], line["place"]) == ("RuntimeError", "receive")
    assert "voter-1" not in answer.text + json.dumps(line)
