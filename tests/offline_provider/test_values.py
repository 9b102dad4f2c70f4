"""The codec, and when two values mean the same."""

import msgpack
import pytest

from tools.offline_provider.values import UNKNOWN, decode, encode, has_unknown, is_zero, same


@pytest.mark.parametrize(
    "value", [None, {}, {"a": [1, 2.5, "x", True, None, {"b": []}]}, {"big": 2**63 - 1}, {"half": "33.3"}]
)
def test_a_value_survives_the_wire(value: object) -> None:
    assert decode(encode(value)) == value


@pytest.mark.parametrize("code", [0, 12])
def test_every_kind_of_unknown_is_understood_and_sent_back_plain(code: int) -> None:
    wire = msgpack.packb({"a": [msgpack.ExtType(code, b"\x81\x01\xc2")]})
    value = decode(wire)
    assert value == {"a": [UNKNOWN]}
    assert encode(value) == msgpack.packb({"a": [msgpack.ExtType(0, b"\x00")]})


def test_nothing_else_is_sent() -> None:
    with pytest.raises(TypeError, match="no Terraform value"):
        encode({"a": object()})


def test_unknowns_are_found_at_any_depth() -> None:
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": None}]})


@pytest.mark.parametrize(
    ("left", "right", "kind", "expected"),
    [
        ('{"a": 1, "b": [2]}', '{"b":[2],"a":1}', "string", True),
        ('{"a": 1}', '{"a": 2}', "string", False),
        ("{not json", "{not json ", "string", False),
        (["b", "a"], ["a", "b"], ["set", "string"], True),
        (["b", "a"], ["a", "b"], ["list", "string"], False),
        (["a", "a"], ["a"], ["set", "string"], False),
        (True, 1, "bool", False),
        (UNKNOWN, UNKNOWN, "string", True),
        (UNKNOWN, "x", "string", False),
    ],
)
def test_sameness(left: object, right: object, kind: object, expected: bool) -> None:
    assert same(left, right, kind) is expected


def test_zero_is_absent_but_unknown_is_not() -> None:
    zeros: list[object] = [None, "", 0, False, [], {}]
    others: list[object] = [UNKNOWN, "x", 1, True, [0]]
    assert all(is_zero(value) for value in zeros)
    assert not any(is_zero(value) for value in others)
