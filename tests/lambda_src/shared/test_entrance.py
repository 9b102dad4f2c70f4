"""Three entrances, one shape behind them; claims are of the configured one alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared import entrance, settings
from shared.bearer import bearer_of, id_of
from shared.entrance import BY_ITSELF, EntranceSettings, Tokens
from tests.support.entrances import as_alb, as_url, from_alb, token

Json = dict[str, Any]
ISSUER = "https://login.example.com"
ALICE = {"iss": ISSUER, "sub": "alice", "aud": "votes"}
TOKENS = Tokens(issuer=ISSUER, audience=["votes"])
ROUTES = ("POST /v1/ballots", "GET /v1/titles/{title_id}/results")
HTTP_API, URL = EntranceSettings(entrance="http_api"), EntranceSettings(entrance="function_url")
ALB = EntranceSettings.model_validate({"entrance": "alb", "tokens": TOKENS.model_dump_json()})
OPEN_ALB = EntranceSettings(entrance="alb")


def request(path: str = "/v1/ballots", method: str = "POST", **more: Any) -> Json:
    """An HTTP API's event."""
    return {
        "version": "2.0",
        "rawPath": path,
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": method, "path": path}},
        "body": "{}",
        "isBase64Encoded": False,
        **more,
    }


def read(config: EntranceSettings, event: Json) -> Json:
    """What a function reads of an event; {"refused": status} where it does not see it."""
    seen: list[Json] = []

    def handle(found: Json) -> Json:
        seen.append(found)
        return {"statusCode": 200, "headers": {}, "body": ""}

    reply = entrance.answer(config, event, ROUTES, handle)
    return seen[0] if seen else {"refused": reply["statusCode"]}


def voter(config: EntranceSettings, event: Json) -> str | None:
    """Who asks, as the function sees it."""
    try:
        return bearer_of(read(config, event)).id
    except Exception:
        return None


def claimed(event: Json, claims: Json = ALICE) -> Json:
    """The event with claims where API Gateway puts them."""
    context = {**event.get("requestContext", {}), "authorizer": {"jwt": {"claims": claims}}}
    return {**event, "requestContext": context}


def bearing(event: Json, *values: str) -> Json:
    """An ALB's event with these Authorization headers."""
    return as_alb(event, authorization=list(values))


def test_an_http_api_s_event_is_read_as_it_is() -> None:
    event = claimed(request())
    assert read(HTTP_API, event) is event
    assert voter(HTTP_API, event) == id_of(ISSUER, "alice")


def test_the_others_are_read_as_an_http_api_s() -> None:
    event = request("/v1/titles/mv%30%2F/results", "GET", queryStringParameters={"a b": "c&d", "e": "f"})
    for config, made in ((OPEN_ALB, as_alb(event)), (URL, as_url(event))):
        found = read(config, made)
        assert found["pathParameters"] == {"title_id": "mv0/"}
        for name in ("rawPath", "requestContext", "headers", "queryStringParameters"):
            assert found[name] == event[name]
    assert read(OPEN_ALB, as_alb(request()))["body"] == "{}"


@pytest.mark.parametrize(
    "path", ["/", "", "/v1/ballots/", "/x/v1/ballots", "/v1/titles//results", "/v1/titles/a/b/results", "/V1/ballots"]
)
def test_a_path_of_no_route_is_404(path: str) -> None:
    for config, event in ((OPEN_ALB, as_alb(request(path))), (URL, as_url(request(path)))):
        assert read(config, event) == {"refused": 404}


def test_an_alb_is_answered_as_it_wants() -> None:
    reply = entrance.answer(OPEN_ALB, as_alb(request("/nowhere")), ROUTES, lambda _: {})
    assert json.loads(from_alb(reply)["body"])["code"] == "no-such-route"
    assert from_alb(reply)["headers"]["content-type"] == "application/json"


def test_a_token_that_the_listener_verified_names_the_voter() -> None:
    for audience in ("votes", ["other", "votes"]):
        assert voter(ALB, bearing(request(), f"Bearer {token(ALICE | {'aud': audience})}")) == id_of(ISSUER, "alice")
    of_client = {"iss": ISSUER, "sub": "alice", "client_id": "votes"}
    assert voter(ALB, bearing(request(), f"bearer {token(of_client)}")) == id_of(ISSUER, "alice")


@pytest.mark.parametrize(
    "values",
    [
        (),
        (f"Bearer {token(ALICE)}", f"Bearer {token(ALICE | {'sub': 'bob'})}"),
        (f"Bearer {token(ALICE | {'iss': 'https://other.example'})}",),
        (f"Bearer {token(ALICE | {'aud': 'receipts'})}",),
        (f"Bearer {token(ALICE | {'aud': None})}",),
        (f"Bearer {token({'iss': ISSUER, 'sub': 'alice'})}",),
        (f"Bearer {token([ALICE])}",),
        (f"Basic {token(ALICE)}",),
        ("Bearer a.b",),
        ("Bearer a.%%%.c",),
        ("Bearer a." + "W" * 99_999 + ".c",),
    ],
    ids=range(11),
)
def test_no_other_token_names_one(values: tuple[str, ...]) -> None:
    assert voter(ALB, bearing(request(), *values)) is None


def test_claims_are_taken_by_the_configured_entrance_alone() -> None:
    """Whatever an event looks like: none forges a voter where another entrance is configured."""
    signed = f"Bearer {token(ALICE)}"
    in_all = claimed({**bearing(request(), signed), **request(headers={"authorization": signed})})
    in_all["requestContext"]["elb"] = {"targetGroupArn": "arn"}
    assert voter(HTTP_API, bearing(request(), signed)) is None
    assert (
        voter(HTTP_API, {**bearing(request(), signed), "requestContext": in_all["requestContext"] | {"authorizer": {}}})
        is None
    )
    for config in (OPEN_ALB, URL):
        assert voter(config, in_all) is None
        assert voter(config, bearing(request(), signed)) is None
        assert voter(config, claimed(request(headers={"authorization": signed}))) is None
    without = {name: value for name, value in in_all.items() if name != "multiValueHeaders"}
    assert voter(ALB, without) is None
    assert voter(ALB, claimed(as_alb(request()))) is None
    assert voter(ALB, claimed(request(headers={"authorization": signed}))) is None


def test_an_event_of_another_entrance_is_404() -> None:
    assert read(ALB, as_url(request())) == read(URL, as_alb(request())) == {"refused": 404}


def test_who_may_invoke_says_who_asks() -> None:
    event = {**claimed(request()), **BY_ITSELF}
    for config in (HTTP_API, ALB, OPEN_ALB, URL):
        assert read(config, event) is event


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": None},
        {"requestContext": {"elb": {}, "http": {}}, "multiValueHeaders": {"a": None}, "path": None},
        {"requestContext": {"elb": {}, "http": {}}, "path": "/v1/ballots", "multiValueHeaders": {"a": [None]}},
        {"requestContext": [], "rawPath": 5},
    ],
    ids=range(5),
)
def test_an_odd_event_is_answered(event: Json) -> None:
    for config in (ALB, OPEN_ALB, URL):
        assert read(config, event).get("refused", 404) in (404, 500)


def test_settings_say_which_one() -> None:
    chosen = {"ENTRANCE": "alb", "TOKENS": json.dumps({"issuer": ISSUER, "audience": ["votes"]})}
    assert settings.load(EntranceSettings, chosen) == ALB
    assert settings.load(EntranceSettings, {"ENTRANCE": "http_api"}) == HTTP_API
    for wrong in ({}, {"ENTRANCE": "rest"}, {"ENTRANCE": "alb", "TOKENS": "{}"}):
        with pytest.raises(settings.SettingsError):
            settings.load(EntranceSettings, wrong)
