"""No body of a stranger's costs accept more than twenty times what a good one of 500 files does."""

import json
from time import process_time
from typing import Any

import pytest

from receipts.settings import MOST_FILES, Limits
from tests.lambda_src.receipts.asking import accept, file, files
from tests.lambda_src.receipts.tables import LIMITS, Tables
from tests.lambda_src.stack import request

MIB, MOST_TIMES = 1_048_576, 20
MANY: Limits = LIMITS.model_copy(update={"files": 10**9, "bytes": 10**15, "batches": 1_000})
KEYS = {f"{n:x}": 1 for n in range(19_000)}
BODIES: dict[str, str] = {
    "blanks": " " * MIB,
    "brackets": "[" * MIB,
    "commas": "[" + "1," * (MIB // 2 - 2) + "1]",
    "so many values": json.dumps([1] * 19_000),
    "so many keys": json.dumps(KEYS),
    "one key so many times": "{" + ",".join(['"a":1'] * 19_000) + "}",
    "digits": f'{{"kind":{"9" * (MIB - 100)}}}',
    "a fraction": f'{{"kind":1.{"9" * (MIB - 100)}}}',
    "a long name": json.dumps(files(file(name="x" * (MIB - 1_000)))),
    "a long kind": json.dumps(files(kind="x" * (MIB - 1_000))),
    "names that are not to be seen": json.dumps(files(*[file(name="\u202e" * 255)] * MOST_FILES))[:MIB],
    "nothing in each": json.dumps(files(*[{}] * MOST_FILES)),
    "wrong keys in each": json.dumps(files(*[{f"k{n}": 1 for n in range(35)}] * MOST_FILES)),
    "all wrong in each": json.dumps(files(*[dict.fromkeys(file(), "x")] * MOST_FILES)),
    "too many files": json.dumps(files(*[7] * 15_000)),
}


def _seconds(tables: Tables, body: str) -> float:
    worker = accept(tables, limits=MANY.model_dump_json())
    event = request(body, path="/v1/batches")
    took = []
    for _ in range(3):
        start = process_time()
        worker.handle(event)
        took.append(process_time() - start)
    return min(took)


@pytest.fixture
def good(tables: Tables) -> float:
    """Seconds of CPU of a good request, with the simulated tables' own."""
    many: list[Any] = [file(b"%d" % n, name=f"receipt {n}.jpg") for n in range(MOST_FILES)]
    return _seconds(tables, json.dumps(files(*many)))


@pytest.mark.parametrize("name", BODIES)
def test_no_body_costs_twenty_times_a_good_one(tables: Tables, good: float, name: str) -> None:
    assert _seconds(tables, BODIES[name]) < MOST_TIMES * good
