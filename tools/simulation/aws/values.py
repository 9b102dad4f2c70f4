"""DynamoDB's attribute values: what they are worth, how big they are, how they compare."""

import re
from decimal import Context, Decimal
from typing import Any

from tools.simulation.aws.errors import Invalid

Value = dict[str, Any]  # {"S": "text"}
Item = dict[str, Value]
Number = int | Decimal

LARGEST_ITEM = 400 * 1024
DEEPEST = 32  # levels of an attribute, what it holds last counted
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DIGITS, SMALLEST, LARGEST = 38, -130, 125  # significant ones, and where the first one stands
EXACT = Context(prec=2 * DIGITS + LARGEST - SMALLEST)
ORDERED = ("N", "S", "B")


def kind(value: Value) -> str:
    """The type of a value: "S", "N", …"""
    for name in value:
        return name
    raise Invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")


def number(text: str) -> Number:
    """What an "N" is worth: an int, where it is a whole number. Raises Invalid."""
    if isinstance(text, str) and text.isdecimal() and text.isascii() and len(text) <= DIGITS:
        return int(text)
    if not isinstance(text, str):
        raise Invalid(f"an N is a string of digits, not {text!r}")
    if not NUMBER.fullmatch(text):
        raise Invalid(f"The parameter cannot be converted to a numeric value: {text}")
    try:
        found = Decimal(text)
    except ArithmeticError:
        raise Invalid("Number overflow. Attempting to store a number with magnitude larger than supported") from None
    if not found:
        return 0
    if not SMALLEST <= found.adjusted() <= LARGEST:
        raise Invalid("Number overflow or underflow: its magnitude is outside of the supported range")
    if len("".join(map(str, found.as_tuple().digits)).strip("0")) > DIGITS:
        raise Invalid("Attempting to store more than 38 significant digits in a Number")
    whole = int(found)
    return whole if whole == found else EXACT.normalize(found)


def added(left: Number, right: Number) -> Number:
    """A sum, exact. Raises Invalid where it has more digits than a number may have."""
    if isinstance(left, int) and isinstance(right, int):
        return number(str(left + right))
    return number(str(EXACT.add(Decimal(left), Decimal(right))))


def text_of(value: Number) -> str:
    """A number as an "N" holds it."""
    return str(value) if isinstance(value, int) else f"{value:f}"


def kept(item: Item) -> Item:
    """An item as DynamoDB keeps it: its numbers without zeros or exponents that say nothing.

    Raises Invalid where a value lies deeper than DynamoDB allows.
    """
    return {name: _kept(value, DEEPEST) for name, value in item.items()}


def _kept(value: Value, levels: int) -> Value:
    if not levels:
        raise Invalid("Nesting Levels have exceeded supported limits")
    of = kind(value)
    if of == "N":
        return {**value, "N": text_of(number(value["N"]))}
    if of == "M":
        return {**value, "M": {name: _kept(inner, levels - 1) for name, inner in value["M"].items()}}
    if of == "L":
        return {**value, "L": [_kept(inner, levels - 1) for inner in value["L"]]}
    return value


def plain(value: Value) -> Any:
    """What an "S", "N" or "B" holds, as it orders."""
    of = kind(value)
    if of not in ORDERED:
        raise Invalid(f"a value of type {of} has no order")
    return number(value["N"]) if of == "N" else value[of]


def same(left: Value, right: Value) -> bool:
    """Whether two values are equal; those of two types never are."""
    if left == right:
        return True
    if "N" in left and "N" in right:
        return number(left["N"]) == number(right["N"])
    if "M" in left and "M" in right:
        one, other = left["M"], right["M"]
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if "L" in left and "L" in right:
        return len(left["L"]) == len(right["L"]) and all(map(same, left["L"], right["L"]))
    return False


def size(value: Value) -> int:
    """The bytes that DynamoDB counts for a value. Raises Invalid where it is none."""
    if len(value) != 1:
        raise Invalid(
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes"
        )
    ((of, held),) = value.items()
    if of == "S":
        if not isinstance(held, str):
            raise Invalid(f"an S is a text, not {held!r}")
        return len(held) if held.isascii() else len(held.encode())
    if of == "N":
        number(held)
        return len(held) // 2 + 2
    if of == "M":
        return 3 + size_of_item(held) + len(held)
    if of == "B" and isinstance(held, bytes):
        return len(held)
    if of == "L":
        return 3 + sum(size(inner) + 1 for inner in held)
    if of == "BOOL" or (of == "NULL" and held is True):
        return 1
    raise Invalid(f"the simulated DynamoDB keeps no {of} such as {held!r}")


def size_of_item(item: Item) -> int:
    """The bytes of an item: names and values."""
    total = 0
    for name, value in item.items():
        total += (len(name) if name.isascii() else len(name.encode())) + size(value)
    return total
