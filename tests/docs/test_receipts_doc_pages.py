"""docs/receipts says what the code does, both ways: codes, reasons, limits, states."""

import ast
import re

import jsonschema_rs

from receipts import accept, account, accounting, asked, corrections, documents, review
from receipts import settings as limits
from receipts.reasons import Reason
from tests.support.described import Description, calls, nodes, raised, word
from tools.common.paths import ROOT

TEXT = (ROOT / "docs/receipts/http-api.md").read_text()
DESCRIPTION = Description("docs/receipts/openapi.yaml")
RAW, SCHEMAS = DESCRIPTION.raw, DESCRIPTION.schemas
BATCH = "/v1/batches/{batch_id}"
POST, GET = RAW["paths"]["/v1/batches"]["post"], RAW["paths"][BATCH]["get"]
REVIEWS, CLOSE = RAW["paths"][f"{BATCH}/review"]["get"], RAW["paths"][BATCH + "/review/{file_id}"]["post"]
REPORT = RAW["paths"][f"{BATCH}/report.csv"]["get"]


def test_every_error_of_the_code_is_described_and_no_other() -> None:
    both = {(404, "no-such-route"), (405, "wrong-method")} | raised("shared/bearer.py")
    of_body = raised("receipts/bodies.py")
    taken = raised("shared/http.py") | raised("receipts/accept.py") | raised("receipts/asked.py") | of_body
    assert DESCRIPTION.codes(POST) == both | taken
    ours = both | raised("shared/http.py", "answered") | raised("receipts/customers.py")
    assert DESCRIPTION.codes(GET) == ours | raised("receipts/account.py")
    assert DESCRIPTION.codes(REPORT) == ours | raised("receipts/report.py")
    of_review = raised("receipts/review.py")
    listing = {one for one in of_review if one[0] in (400, 503)}
    assert DESCRIPTION.codes(REVIEWS) == ours | listing
    body = raised("shared/http.py", "json_text|_decoded|_too_large|_require_json")
    closing = (of_review - {(400, "bad-cursor")}) | raised("receipts/corrections.py") | body
    closing |= of_body - {(400, "too-many-values")}  # that is accept's, which says what to do about it
    assert DESCRIPTION.codes(CLOSE) == ours | closing


def test_every_error_is_documented() -> None:
    for status, code in set[tuple[int, str]]().union(*map(DESCRIPTION.codes, (POST, GET, REVIEWS, CLOSE, REPORT))):
        assert re.search(rf"{status}.*`{code}`|`{status} {code}`", TEXT), (status, code)


def test_every_code_of_a_bad_file_is_described_and_no_other() -> None:
    assert set(SCHEMAS["FileCode"]["enum"]) == {word(call.args[0]) for call in calls("receipts/asked.py", "Refusal")}


def test_every_reason_is_documented() -> None:
    told = TEXT[TEXT.index("## Why a file is not read") :]
    refusals = {
        word(call.args[0])
        for path in (ROOT / "lambda_src/receipts").glob("*.py")
        for call in calls(f"receipts/{path.name}", "ImageRefused")
        if isinstance(call.args[0], ast.Constant)
    }
    assert len(refusals) > 8
    assert [reason for reason in sorted(refusals | set(Reason)) if f"`{reason}`" not in told] == []


def test_limits_are_those_of_the_code() -> None:
    assert SCHEMAS["Files"]["properties"]["files"]["maxItems"] == limits.MOST_FILES
    assert SCHEMAS["File"]["properties"]["size"]["maximum"] == limits.MOST_FILE_BYTES
    assert SCHEMAS["File"]["properties"]["name"]["maxLength"] == asked.LONGEST_NAME
    assert SCHEMAS["File"]["properties"]["content_type"]["enum"] == list(asked.TYPES)
    archive = SCHEMAS["Archive"]["properties"]["archive"]
    assert archive["properties"]["size"]["maximum"] == limits.MOST_ARCHIVE_BYTES
    assert SCHEMAS["Opened"]["properties"]["expires_in"]["maximum"] == limits.MOST_UPLOAD_SECONDS
    assert SCHEMAS["Account"]["properties"]["files"]["maxItems"] == account.FILES_A_PAGE
    assert (
        SCHEMAS["BadFiles"]["allOf"][1]["properties"]["details"]["properties"]["files"]["maxItems"] == asked.MOST_TOLD
    )
    assert accept.MOST_BYTES == 2**20
    assert SCHEMAS["Reviews"]["properties"]["files"]["maxItems"] == review.FILES_A_PAGE
    assert SCHEMAS["Closed"]["properties"]["receipts"]["maxItems"] == review.MOST_SHOWN
    assert SCHEMAS["Closings"]["properties"]["corrections"]["maxItems"] == documents.MOST_RECEIPTS
    assert list(SCHEMAS["Fields"]["properties"]) == list(corrections.FIELDS)
    assert review.MOST_BYTES == 2**18
    for told in ("20,000 JSON values", "2,000 entries", "4 GB", "32 MiB", "at most 1 GB", "500 files"):
        assert told in TEXT
    assert (asked.MOST_VALUES, limits.MOST_ENTRIES) == (20_000, 2_000)


def test_states_are_those_of_the_code() -> None:
    assert SCHEMAS["Counts"]["required"] == list(SCHEMAS["Counts"]["properties"]) == list(accounting.STATES)
    assert set(SCHEMAS["State"]["enum"]) == set(accounting.STATES) - {accounting.SAME}
    assert [state for state in SCHEMAS["State"]["enum"] if f"| `{state}` |" not in TEXT] == []


def test_it_is_openapi_and_its_examples_are_right() -> None:
    assert RAW["openapi"].startswith("3.1.")
    operations = list(DESCRIPTION.schema.get_all_operations())
    assert [type(operation).__name__ for operation in operations] == ["Ok"] * 5, operations
    for name in SCHEMAS:
        jsonschema_rs.meta.validate(SCHEMAS[name])
    media = [node for node in nodes(RAW) if "schema" in node and ("example" in node or "examples" in node)]
    examples = [
        (node["schema"], one)
        for node in media
        for one in ([node["example"]] if "example" in node else [each["value"] for each in node["examples"].values()])
    ]
    assert len(examples) >= 5
    for schema, example in examples:
        jsonschema_rs.validate({**schema, "components": RAW["components"]}, example)
    assert "(openapi.yaml)" in TEXT
