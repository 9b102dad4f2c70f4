"""DynamoDB's attribute values: what they are worth, how big they are, how they compare."""

import re
from decimal import Decimal
from typing import Any

from tests.support.aws.errors import Invalid

Value = dict[str, Any]  # {"S": "text"}
Item = dict[str, Value]
Number = int | Decimal

LARGEST_ITEM = 400 * 1024
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
DIGITS = 38
ORDERED = ("N", "S", "B")


def kind(value: Value) -> str:
    """The type of a value: "S", "N", …"""
    for name in value:
        return name
    raise Invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")


def number(text: str) -> Number:
    """What an "N" is worth."""
    if isinstance(text, str) and text.isdecimal() and text.isascii() and len(text) <= DIGITS:
        return int(text)
    try:
        if not NUMBER.fullmatch(text):
            raise Invalid(f"The parameter cannot be converted to a numeric value: {text}")
    except TypeError:
        raise Invalid(f"an N is a string of digits, not {text!r}") from None
    if text.lstrip("-").isdigit():
        found: Number = int(text)
        digits = len(text.lstrip("-0"))
    else:
        found = Decimal(text)
        digits = len(found.normalize().as_tuple().digits)
    if digits > DIGITS:
        raise Invalid("Attempting to store more than 38 significant digits in a Number")
    return found


def text_of(value: Number) -> str:
    """A number as an "N" holds it."""
    return str(value) if isinstance(value, int) else f"{value.normalize():f}"


def plain(value: Value) -> Any:
    """What an "S", "N" or "B" holds, as it orders."""
    of = kind(value)
    if of not in ORDERED:
        raise Invalid(f"a value of type {of} has no order")
    return number(value["N"]) if of == "N" else value[of]


def same(left: Value, right: Value) -> bool:
    """Whether two values are equal; those of two types never are."""
    if "N" in left and "N" in right:
        return number(left["N"]) == number(right["N"])
    return left == right


def size(value: Value) -> int:
    """The bytes that DynamoDB counts for a value. Raises Invalid where it is none."""
    if len(value) != 1:
        raise Invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
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
