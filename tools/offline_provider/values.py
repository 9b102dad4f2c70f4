"""Values on the wire: msgpack in Terraform's encoding ↔ plain Python.

That is dict, list, str, int, float, bool, None and `UNKNOWN`.
"""

import json
from typing import Any, Final

import msgpack

Value = dict[str, Any]


class Unknown:
    """A value that only the apply will tell. There is one of it: compare with `is UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, _memo: object) -> "Unknown":
        return self


UNKNOWN: Final = Unknown()


def decode(data: bytes) -> Any:
    """Terraform's msgpack to Python.

    Every extension type is an unknown value (0 plain, 12 with refinements, which are dropped).
    """
    return msgpack.unpackb(data, ext_hook=lambda _code, _data: UNKNOWN, strict_map_key=False) if data else None


def encode(value: Any) -> bytes:
    """Python to Terraform's msgpack; `UNKNOWN` becomes extension 0."""
    return bytes(msgpack.packb(value, default=_unknown))


def _unknown(value: object) -> msgpack.ExtType:
    if value is UNKNOWN:
        return msgpack.ExtType(0, b"\x00")
    raise TypeError(f"no Terraform value can be made of {value!r}")


def has_unknown(value: Any) -> bool:
    """Whether anything inside is unknown."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def as_document(value: Any) -> Any:
    """A string that holds a JSON object or array, parsed; anything else as it is."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def same(left: Any, right: Any, kind: Any = None) -> bool:
    """Whether two values mean the same: JSON texts by content, sets in any order.

    `kind` is the attribute's type.
    """
    if left is UNKNOWN or right is UNKNOWN:
        return left is right
    if isinstance(kind, list) and kind[0] == "set" and isinstance(left, list) and isinstance(right, list):
        return sorted(map(_sort_key, left)) == sorted(map(_sort_key, right))
    if type(left) is not type(right) and bool in (type(left), type(right)):
        return False
    if isinstance(left, str) and isinstance(right, str):
        return left == right or bool(as_document(left) == as_document(right))
    return bool(left == right)


def _sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def is_zero(value: Any) -> bool:
    """Whether a value is absent or its type's zero, which AWS's provider treats alike."""
    return value is None or value in ("", 0, [], {})
