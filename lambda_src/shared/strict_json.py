"""JSON, strictly: duplicate keys, NaN and monstrous numbers become values that no rule accepts.

So they spoil only the item of a request that they are in, not the others. What a stranger's text
costs is bounded before it is parsed (`loads`) and before a model reads it (`narrowed`).
"""

import json
import sys
from collections.abc import Collection
from math import isfinite
from typing import Any

MOST_VALUES = 50_000  # of a text; each takes up to half a microsecond and 300 bytes to read
_MOST_DIGITS = 40
_DEEPEST = 50
_BEGINNING = 10_000  # characters, in which what is nested too deep shows
# The least that Python lets us say of any number: 4,300, its own, take 100 µs to read and write.
sys.set_int_max_str_digits(640)


class TooManyValues(ValueError):
    """A text that may hold more values than whoever reads it takes."""


class Duplicated:
    """An object with a key given twice."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs

    def key(self) -> str:
        """The first key that comes a second time."""
        seen: set[str] = set()
        for key, _ in self.pairs:
            if key in seen:
                return key
            seen.add(key)
        raise ValueError("no key is there twice")


class NotANumber:
    """NaN, an infinity, or a number too large or too long to be meant."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def loads(text: str, most_values: int = MOST_VALUES) -> Any:
    """Parse `text`.

    Raises ValueError, with a message for people, when it is not JSON or nested too deep to be read;
    TooManyValues, but for its beginning unparsed, when it may hold more than `most_values`.
    """
    text = text.strip(" \t\r\n")
    if not text:
        raise ValueError("it is empty")
    if text.startswith("\ufeff"):  # nobody sees it, so "expecting value" would be a riddle
        raise ValueError("it begins with a byte order mark: leave that out")
    too_many = TooManyValues(f"it holds more than {most_values} values")
    is_too_much = values_in(text) > most_values
    try:
        value, end = _scan(text[:_BEGINNING] if is_too_much else text)
    except json.JSONDecodeError as error:
        if is_too_much:
            raise too_many from None
        raise ValueError(
            f"{error.msg.removesuffix(' at')} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if end != len(text):
        raise ValueError(f"something follows its end at character {end}")
    if is_too_much:
        raise too_many
    return value


def values_in(text: str) -> int:
    """How many values JSON text may hold at most: each follows a comma or an opening bracket."""
    return 1 + text.count(",") + text.count("[") + text.count("{")


def narrowed(value: object, fields: Collection[str]) -> object:
    """An object with no more wrong keys than one, the first; anything else as it is.

    A model of `fields` finds the same thing wrong first, and does not list all the others.
    """
    if not isinstance(value, dict) or len(value) <= len(fields):
        return value
    wrong = next(key for key in value if key not in fields)
    return {key: inner for key, inner in value.items() if key in fields or key == wrong}


def _scan(text: str) -> tuple[Any, int]:
    """The value at the start, and where it ends.

    `scan_once` is what `raw_decode` wraps; this is called for each of thousands of messages.
    """
    try:
        value, end = _scan_once(text, 0)
        return value, end
    except StopIteration as stopped:
        raise json.JSONDecodeError("Expecting value", text, stopped.value) from None
    except json.JSONDecodeError:
        raise
    except ValueError:  # a whole number past the interpreter's limit of digits
        return _careful.raw_decode(text)


def canonical(value: object) -> str:
    """One text for equal values, `loads`'s own included: compact, keys sorted, ASCII.

    What is nested too deep is cut at depth 50.
    """
    try:
        return _canonical.encode(value)
    except RecursionError:  # it could be read, just so; written it goes a call deeper
        return _canonical.encode(_cut(value, _DEEPEST))


def _object(pairs: list[tuple[str, Any]]) -> Any:
    value = dict(pairs)
    return value if len(value) == len(pairs) else Duplicated(pairs)


def _whole(text: str) -> Any:
    return int(text) if len(text) <= _MOST_DIGITS else NotANumber(text)


def _real(text: str) -> Any:
    number = float(text)
    return number if isfinite(number) else NotANumber(text)


def _cut(value: object, depth: int) -> object:
    if isinstance(value, Duplicated):
        return _cut(_plain(value), depth)
    if not depth and isinstance(value, dict | list | tuple):
        return "nested too deep"
    if isinstance(value, dict):
        return {key: _cut(inner, depth - 1) for key, inner in value.items()}
    return [_cut(inner, depth - 1) for inner in value] if isinstance(value, list | tuple) else value


def _plain(value: object) -> object:
    if isinstance(value, Duplicated):
        return {"duplicated keys": value.pairs}
    if isinstance(value, NotANumber):
        return {"not a number": value.text}
    raise TypeError(f"{type(value).__name__} has no JSON form")


_fast = json.JSONDecoder(object_pairs_hook=_object, parse_constant=NotANumber, parse_float=_real)
_scan_once = _fast.scan_once  # type: ignore[attr-defined]
_careful = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=NotANumber, parse_float=_real, parse_int=_whole
)
_canonical = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=_plain)
