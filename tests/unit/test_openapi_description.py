"""docs/openapi.yaml says what the code does: every code with its status, both ways, the limits, the environment's aspects and scale."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import schemathesis

from devcloud.runs import ROOT
from tests.support import plan
from votes import receive
from votes.ballot import Ballot, Code, is_identifier

DESCRIPTION = schemathesis.openapi.from_path(ROOT / "docs/openapi.yaml")
RAW: dict[str, Any] = DESCRIPTION.raw_schema
SCHEMAS = RAW["components"]["schemas"]
POST, GET = RAW["paths"]["/v1/ballots"]["post"], RAW["paths"]["/v1/titles/{title_id}/results"]["get"]
Codes = set[tuple[int, str]]


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = RAW
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all that it is composed of."""
    schema = _resolved(schema)
    yield schema
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _parts(part)


def _answers(operation: dict[str, Any]) -> dict[int, list[dict[str, Any]]]:
    """By status: the parts of the answer's schema."""
    responses = {int(status): _resolved(response) for status, response in operation["responses"].items()}
    return {status: list(_parts(response["content"]["application/json"]["schema"])) for status, response in responses.items()}


def _described(operation: dict[str, Any]) -> Codes:
    answers = _answers(operation).items()
    return {
        (status, code) for status, parts in answers for part in parts for code in part.get("properties", {}).get("code", {}).get("enum", ())
    }


def _raised(name: str, functions: str = "") -> Codes:
    """The (status, code) of every HttpError made in a module of lambda_src, or in some of its functions (a pattern)."""
    tree = ast.parse((ROOT / "lambda_src" / name).read_text())
    functions_there = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and re.fullmatch(functions or ".*", node.name)]
    calls = [call for function in functions_there for call in _calls(function, "HttpError")]
    return {(ast.literal_eval(call.args[0]), _code(call.args[1])) for call in calls}


def _calls(node: ast.AST, name: str) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == name)


def _code(node: ast.expr) -> str:
    return str(Code[node.attr].value) if isinstance(node, ast.Attribute) else str(ast.literal_eval(node))


def test_every_error_of_the_code_is_described_and_no_other() -> None:
    both = _raised("shared/http.py", "require")
    assert len(both) == 2
    assert _described(POST) == both | _raised("votes/receive.py") | _raised("shared/http.py")
    assert _described(GET) == both | _raised("votes/results.py")


def test_every_code_of_a_rejected_ballot_is_described_and_no_other() -> None:
    trees = [ast.parse((ROOT / "lambda_src/votes" / name).read_text()) for name in ("ballot.py", "receive.py")]
    given = {_code(call.args[0]) for tree in trees for call in _calls(tree, "Refusal")}
    assert len(given) > 10
    assert set(SCHEMAS["Code"]["enum"]) == given


def test_the_gateways_own_answers_are_those_of_the_document() -> None:
    (text,) = re.findall(r"## The gateway's own answers\n(.*?)\n## ", (ROOT / "docs/http-api.md").read_text(), re.DOTALL)
    documented = {int(status) for status in re.findall(r"\b([45]\d\d)\b", text)}
    answers = [*_answers(POST).items(), *_answers(GET).items()]
    assert {status for status, parts in answers if SCHEMAS["Gateway"] in parts} == documented


def test_limits_are_those_of_the_code() -> None:
    lists = [node for node in _nodes(RAW) if node.get("type") == "array"]
    assert {node["maxItems"] for node in lists} == {receive.MOST_BALLOTS, receive.MOST_BALLOTS - 1}
    assert {node["maximum"] for node in _nodes(RAW) if "index" in node.get("properties", ()) for node in [node["properties"]["index"]]} == {
        receive.MOST_BALLOTS - 1
    }
    assert (receive.MOST_BYTES, "1 MiB" in POST["description"], "10 MB" in POST["responses"]["413"]["description"]) == (2**20, True, True)
    identifier = re.compile(SCHEMAS["Identifier"]["pattern"])
    tried = ["a", "_", "-" * 64, "Z9", "", "x" * 65, "a b", "é", "#fold", "a.b"]
    assert [bool(identifier.search(text)) for text in tried] == [is_identifier(text) for text in tried]
    assert SCHEMAS["StampedBallot"]["required"] == list(Ballot._fields) == list(SCHEMAS["StampedBallot"]["properties"])


def test_aspects_and_scale_are_the_local_environments(planned: dict[str, Any]) -> None:
    variables = plan.environment(planned, "receive")
    aspects, scale = json.loads(variables["ASPECTS"]), json.loads(variables["SCALE"])
    scores = [*range(scale["lowest"], scale["highest"] + 1)]
    assert list(SCHEMAS["Votes"]["properties"]) == list(SCHEMAS["Results"]["properties"]["aspects"]["properties"]) == aspects
    assert SCHEMAS["Results"]["properties"]["aspects"]["required"] == aspects
    assert SCHEMAS["Score"]["enum"] == [*scores, None]
    histogram = SCHEMAS["Aspect"]["properties"]["histogram"]
    assert list(histogram["properties"]) == histogram["required"] == [str(score) for score in scores]
    mean = SCHEMAS["Aspect"]["properties"]["mean"]
    assert (mean["minimum"], mean["maximum"]) == (scale["lowest"], scale["highest"])


def test_it_is_openapi_and_its_examples_are_right() -> None:
    assert RAW["openapi"].startswith("3.1.")
    operations = list(DESCRIPTION.get_all_operations())
    assert [type(operation).__name__ for operation in operations] == ["Ok", "Ok"], operations
    for name in SCHEMAS:
        jsonschema_rs.meta.validate(SCHEMAS[name])
    media = [node for node in _nodes(RAW) if "schema" in node and ("example" in node or "examples" in node)]
    examples = [(node["schema"], one) for node in media for one in _examples(node)]
    assert len(examples) >= 4
    for schema, example in examples:
        jsonschema_rs.validate({**schema, "components": RAW["components"]}, example)
    assert {reference["$ref"] for reference in _nodes(RAW) if "$ref" in reference and not _resolved(reference)} == set()


def test_the_document_links_to_it() -> None:
    assert "(openapi.yaml)" in (ROOT / "docs/http-api.md").read_text()


def _examples(node: dict[str, Any]) -> list[Any]:
    return [node["example"]] if "example" in node else [example["value"] for example in node["examples"].values()]


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(inner)
