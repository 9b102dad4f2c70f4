"""docs/votes/openapi.yaml says what the code does, both ways.

Every code with its status, the limits, the environment's aspects and scale.
"""

import json
import re
from typing import Any

import jsonschema_rs

from tests.support import plan
from tests.support.described import Description, calls, nodes, raised, word
from tools.common.paths import ROOT
from votes import ranking, receive, settings, titles
from votes.ballot import Ballot, Code, is_identifier

DESCRIPTION = Description("docs/votes/openapi.yaml")
RAW, SCHEMAS = DESCRIPTION.raw, DESCRIPTION.schemas
POST, GET, VOTE, LIST = (
    RAW["paths"][path][method]
    for path, method in (
        ("/v1/ballots", "post"),
        ("/v1/titles/{title_id}/results", "get"),
        ("/v1/titles/{title_id}/vote", "get"),
        ("/v1/titles", "get"),
    )
)


def test_every_error_of_the_code_is_described_and_no_other() -> None:
    both = raised("shared/http.py", "require")
    assert len(both) == 2
    of_bearer = raised("shared/bearer.py")
    described = DESCRIPTION.codes
    assert described(POST) == both | raised("votes/receive.py", codes=Code) | of_bearer | raised("shared/http.py")
    ours = raised("shared/http.py", "answered")
    title = raised("votes/requests.py", codes=Code)
    of_results = raised("votes/results.py", codes=Code)
    unknown = {(404, str(Code.UNKNOWN_TITLE))}
    assert unknown < of_results
    assert described(GET) == both | ours | of_results | title
    assert described(VOTE) == both | ours | raised("votes/vote.py", codes=Code) | title | of_bearer
    assert described(LIST) == both | ours | of_results - unknown | raised("votes/titles.py")


def test_every_code_of_a_rejected_ballot_is_described_and_no_other() -> None:
    files = [f"votes/{name}.py" for name in ("ballot", "rules", "receive")]
    given = {word(call.args[0], Code) for name in files for call in calls(name, "Refusal")}
    assert len(given) > 10
    assert set(SCHEMAS["Code"]["enum"]) == given


def test_the_gateways_own_answers_are_those_of_the_document() -> None:
    (text,) = re.findall(
        r"## The gateway's own answers\n(.*?)\n## ", (ROOT / "docs/votes/http-api.md").read_text(), re.DOTALL
    )
    documented = {int(status) for status in re.findall(r"\b([45]\d\d)\b", text)}
    answers = [one for operation in (POST, GET, VOTE, LIST) for one in DESCRIPTION.answers(operation).items()]
    assert {status for status, parts in answers if SCHEMAS["Gateway"] in parts} == documented


def test_limits_are_those_of_the_code() -> None:
    lists = [node for node in nodes(RAW) if node.get("type") == "array"]
    assert {node["maxItems"] for node in lists} == {settings.MOST_BALLOTS, settings.MOST_BALLOTS - 1, titles.MOST}
    (limit,) = (one["schema"] for one in LIST["parameters"] if one["name"] == "limit")
    assert (limit["maximum"], limit["default"]) == (titles.MOST, titles.USUAL)
    assert (f"max-age={titles.SECONDS_KEPT}", list(ranking.ORDERS)) == (
        LIST["responses"]["200"]["headers"]["Cache-Control"]["schema"]["const"],
        SCHEMAS["Titles"]["properties"]["order"]["enum"],
    )
    assert {
        node["maximum"]
        for node in nodes(RAW)
        if "index" in node.get("properties", ())
        for node in [node["properties"]["index"]]
    } == {settings.MOST_BALLOTS - 1}
    assert (receive.MOST_BYTES, "1 MiB" in POST["description"], "10 MB" in POST["responses"]["413"]["description"]) == (
        2**20,
        True,
        True,
    )
    identifier = re.compile(SCHEMAS["Identifier"]["pattern"])
    tried = ["a", "_", "-" * 64, "Z9", "", "x" * 65, "a b", "é", "#fold", "a.b"]
    assert [bool(identifier.search(text)) for text in tried] == [is_identifier(text) for text in tried]
    assert SCHEMAS["StampedBallot"]["required"] == list(Ballot._fields) == list(SCHEMAS["StampedBallot"]["properties"])


def test_aspects_and_scale_are_the_local_environments(planned: dict[str, Any]) -> None:
    variables = plan.environment(planned, "receive")
    aspects, scale = json.loads(variables["ASPECTS"]), json.loads(variables["SCALE"])
    scores = [*range(scale["lowest"], scale["highest"] + 1)]
    assert (
        list(SCHEMAS["Votes"]["properties"])
        == list(SCHEMAS["Results"]["properties"]["aspects"]["properties"])
        == aspects
    )
    assert SCHEMAS["Results"]["properties"]["aspects"]["required"] == aspects
    assert SCHEMAS["Place"]["properties"]["aspects"]["required"] == aspects
    assert list(SCHEMAS["OwnVote"]["properties"]["votes"]["properties"]) == aspects
    assert SCHEMAS["Titles"]["properties"]["aspect"]["enum"] == [*aspects, None]
    assert SCHEMAS["Score"]["enum"] == [*scores, None]
    histogram = SCHEMAS["Aspect"]["properties"]["histogram"]
    assert list(histogram["properties"]) == histogram["required"] == [str(score) for score in scores]
    mean = SCHEMAS["Aspect"]["properties"]["mean"]
    assert (mean["minimum"], mean["maximum"]) == (scale["lowest"], scale["highest"])


def test_it_is_openapi_and_its_examples_are_right() -> None:
    assert RAW["openapi"].startswith("3.1.")
    operations = list(DESCRIPTION.schema.get_all_operations())
    assert [type(operation).__name__ for operation in operations] == ["Ok"] * 4, operations
    for name in SCHEMAS:
        jsonschema_rs.meta.validate(SCHEMAS[name])
    media = [node for node in nodes(RAW) if "schema" in node and ("example" in node or "examples" in node)]
    examples = [(node["schema"], one) for node in media for one in _examples(node)]
    assert len(examples) >= 4
    for schema, example in examples:
        jsonschema_rs.validate({**schema, "components": RAW["components"]}, example)
    assert {
        reference["$ref"] for reference in nodes(RAW) if "$ref" in reference and not DESCRIPTION.resolved(reference)
    } == set()


def test_the_document_links_to_it() -> None:
    assert "(openapi.yaml)" in (ROOT / "docs/votes/http-api.md").read_text()


def _examples(node: dict[str, Any]) -> list[Any]:
    return [node["example"]] if "example" in node else [example["value"] for example in node["examples"].values()]
