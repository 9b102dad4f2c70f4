"""docs/harvest/openapi.yaml and http-api.md say what start and runs answer, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from harvest.requests import MOST_BYTES, MOST_GROUPS, StartRequest
from tests.lambda_src.harvest.steered import Steered
from tests.support.described import Codes, raised
from tests.support.plan import plan_of, resources
from tools.common.paths import ROOT

RAW: dict[str, Any] = schemathesis.openapi.from_path(ROOT / "docs/harvest/openapi.yaml").raw_schema
SCHEMAS = RAW["components"]["schemas"]
TEXT = (ROOT / "docs/harvest/http-api.md").read_text()
SOURCES = ("shared/http.py", *(f"harvest/{name}.py" for name in ("start", "runs", "requests")))


def _raised() -> Codes:
    """The (status, code) of every HttpError that the functions make."""
    return {error for name in SOURCES for error in raised(name)}


def _described() -> Iterator[tuple[int, str]]:
    for path in RAW["paths"].values():
        for method in ("get", "post"):
            for status, answer in path.get(method, {"responses": {}})["responses"].items():
                named = RAW["components"]["responses"].get(answer.get("$ref", "").rpartition("/")[2], answer)
                schema = named["content"]["application/json"]["schema"]
                for part in schema.get("allOf", ()):
                    yield from (
                        (int(status), code) for code in part.get("properties", {}).get("code", {}).get("enum", ())
                    )


def validated(name: str, body: object) -> None:
    """The body is as the schema of that name says."""
    jsonschema_rs.Draft202012Validator({"$ref": f"#/components/schemas/{name}", **RAW}).validate(body)


def test_every_refusal_is_described_and_no_other() -> None:
    assert set(_described()) == _raised()
    for status, code in _raised():
        assert re.search(rf"^\| {status} \|.*`{code}`", TEXT, re.MULTILINE), f"{status} {code} is not in http-api.md"


def test_routes_are_those_that_are_deployed() -> None:
    routes = {one["route_key"] for one in resources(plan_of("harvest", "prod"), "aws_apigatewayv2_route").values()}
    described = {
        f"{method.upper()} {path}" for path, about in RAW["paths"].items() for method in about if method != "parameters"
    }
    assert described == routes


def test_a_request_is_described_as_it_is_read() -> None:
    assert set(SCHEMAS["Start"]["properties"]) == set(StartRequest.model_fields)
    assert SCHEMAS["Start"]["properties"]["groups"]["maxItems"] == MOST_GROUPS
    assert f"{MOST_BYTES // 1024} KiB" in TEXT
    for body in RAW["paths"]["/v1/runs"]["post"]["requestBody"]["content"]["application/json"]["examples"].values():
        StartRequest.model_validate(body["value"])
        validated("Start", body["value"])


def test_answers_are_as_described(monkeypatch: pytest.MonkeyPatch) -> None:
    steered = Steered(monkeypatch)
    started = steered.post(name="daily")
    assert started.status == 201
    validated("Started", started.body)
    run_id = started.body["run_id"]
    validated("Added", steered.post(name="daily", groups=["a"], if_running="add").body)
    validated("Run", steered.do(run_id).body)
    for what, body in (("pause", {}), ("resume", {"cap": 9}), ("rate", {"rate": 1.5}), ("cancel", {})):
        validated("Run", steered.do(run_id, what, body).body)
    validated("Error", steered.do("nobody").body)
