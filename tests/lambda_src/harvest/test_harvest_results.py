"""Keys of results, which come of strangers' names; shapes of answers; and how fast is merged."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest import results, shape
from harvest.parcels import Task
from harvest.results import Line, safe
from harvest.shape import Shape, drift

NAMES = [
    "",
    "-",
    "~",
    ".",
    "..",
    "a/b",
    "a b",
    "ü",
    "x" * 150,
    "x" * 151,
    "x" * 400,
    "x" * 399 + "y",
    "a=b",
    "%2F",
    "/",
]


def test_names_in_keys_are_safe_bounded_and_each_its_own() -> None:
    made = [safe(name) for name in NAMES]
    assert len(set(made)) == len(NAMES)
    assert all(len(name) < 180 and "/" not in name and "=" not in name for name in made)
    assert safe("") == "-"
    assert safe(safe("-")) != safe("-"), "nobody can be named like the digest of another"


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_two_names_are_two_keys(one: str, other: str) -> None:
    try:
        one.encode(), other.encode()
    except UnicodeEncodeError:
        return  # such names are refused, see test_harvest_monitor
    assert (safe(one) == safe(other)) == (one == other)


def test_answers_are_lines_whatever_their_own_lines_are() -> None:
    bodies = [b'{"a": 1}', b'\r\n{\n  "a":\r\n "x\\ny"\n}\n', '{"a": "ü\u2028"}'.encode()]
    lines = [Line(Task("data", ("g", str(n))), n, body) for n, body in enumerate(bodies)]
    found = [json.loads(line) for line in results.unpacked(results.packed(lines), 10_000)]
    assert [line["answer"] for line in found] == [json.loads(body) for body in bodies]
    assert found[1] | {"answer": 0} == {"level": "data", "path": ["g", "1"], "page": "", "called_ms": 1, "answer": 0}
    assert results.packed(lines) == results.packed(lines), "the same bytes at any time"


def test_an_object_that_is_larger_than_it_may_be_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 1000 bytes"):
        list(results.unpacked(gzip.compress(b"x" * 1001), 1000))


def of(*values: object) -> Shape:
    made = Shape()
    for value in values:
        made.add(value)
    return made


def test_a_shape_is_keys_and_kinds_and_no_values() -> None:
    first = of({"a": 1, "b": [{"c": None}, {"c": "x"}], "d": True, "e": 1.5})
    assert first.paths == {"a number", "b[].c nothing", "b[].c text", "d yes or no", "e number"}
    assert first.fingerprint == of({"e": 2, "d": False, "b": [{"c": "y"}, {"c": None}], "a": 9}).fingerprint
    assert first.fingerprint != of({"a": "1"}).fingerprint


def test_a_shape_is_bounded() -> None:
    assert of({str(n): n for n in range(100)}).paths == {"* number"}, "a table of things by name"
    assert len(of(*({f"a{n}": 1} for n in range(2000))).paths) == shape.MOST_PATHS + 1
    deep: object = 1
    for _ in range(200):
        deep = [deep]
    assert of(deep).paths == {shape.OTHERS}


def test_drift_is_what_is_more_and_what_is_less() -> None:
    before = {"data": of({"a": 1, "b": 1}).to_json(), "hosts": of({"x": 1}).to_json()}
    now = {"data": of({"a": 1, "c": 1}), "hosts": of({"x": 2}), "groups": of({"new": 1})}
    assert drift(before, now) == {"data": {"more": ["c number"], "less": ["b number"]}}
    assert drift({}, now) == {}
