"""What lines of the API's access log cost, by the planned format."""

import json

import pytest

from tools.bench.votes import access_logs
from tools.bench.votes.capacity.settings import planned


def test_a_line_is_json_and_its_price_is_that_of_its_bytes() -> None:
    written = access_logs.line("prod")
    assert json.loads(written)["gateway_error"] == "-"
    assert access_logs.line_bytes("prod") == len(written) + 26
    assert access_logs.a_million("prod") == pytest.approx(0.13, abs=0.005)


def test_capacity_bills_it() -> None:
    assert planned("prod").access_line_bytes == access_logs.line_bytes("prod")
