"""Conditions: on writes, on keys, and PartiQL's WHERE."""

import operator
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from tools.simulation.aws.errors import Invalid
from tools.simulation.aws.tokens import Given, Names, Operand, Path, Reader, Values
from tools.simulation.aws.values import ORDERED, Item, Value, kind, plain, same

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


PREFIXED = {"S", "B"}  # what has a beginning


class Condition(Protocol):
    """Something that holds of an item, or does not."""

    def holds(self, item: Item, names: Names, values: Values) -> bool: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """left = right, or another comparison.

    Nothing compares with what is not there, nor with another type (save by <>).
    """

    left: Operand
    how: str
    right: Operand

    def holds(self, item: Item, names: Names, values: Values) -> bool:
        left, right = self.left.of(item, names, values), self.right.of(item, names, values)
        if self.how == "<>":
            return left is None or right is None or not same(left, right)
        if left is None or right is None:
            return False
        return (
            same(left, right)
            if self.how == "="
            else _ordered(left, right) and COMPARE[self.how](plain(left), plain(right))
        )


@dataclass(frozen=True, slots=True)
class Between:
    """least <= operand <= most."""

    operand: Operand
    least: Operand
    most: Operand

    def holds(self, item: Item, names: Names, values: Values) -> bool:
        least, found, most = (one.of(item, names, values) for one in (self.least, self.operand, self.most))
        if least is None or found is None or most is None or not (_ordered(least, found) and _ordered(found, most)):
            return False
        return bool(plain(least) <= plain(found) <= plain(most))


@dataclass(frozen=True, slots=True)
class Exists:
    """attribute_exists(path), or attribute_not_exists(path)."""

    path: Path
    wanted: bool

    def holds(self, item: Item, names: Names, values: Values) -> bool:
        return (self.path.of(item, names, values) is not None) is self.wanted


@dataclass(frozen=True, slots=True)
class BeginsWith:
    """begins_with(path, start)."""

    path: Path
    start: Operand

    def holds(self, item: Item, names: Names, values: Values) -> bool:
        found, start = self.path.of(item, names, values), self.start.of(item, names, values)
        if found is None or start is None or kind(found) != kind(start) or kind(found) not in PREFIXED:
            return False
        return bool(plain(found).startswith(plain(start)))


@dataclass(frozen=True, slots=True)
class Both:
    """One AND the other (AND a third …)."""

    parts: tuple[Condition, ...]

    def holds(self, item: Item, names: Names, values: Values) -> bool:
        return all(part.holds(item, names, values) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Some:
    """One OR the other (OR a third …)."""

    parts: tuple[Condition, ...]

    def holds(self, item: Item, names: Names, values: Values) -> bool:
        return any(part.holds(item, names, values) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """NOT the other."""

    part: Condition

    def holds(self, item: Item, names: Names, values: Values) -> bool:
        return not self.part.holds(item, names, values)


def read(reader: Reader) -> Condition:
    """The condition that comes next. Raises Invalid."""
    parts = [_all(reader)]
    while reader.took("OR"):
        reader.operator()
        parts.append(_all(reader))
    return parts[0] if len(parts) == 1 else Some(tuple(parts))


def check(condition: Condition, values: Values) -> None:
    """Raises Invalid where a given value cannot be compared as it is asked, whatever the item."""
    match condition:
        case Both(parts) | Some(parts):
            for part in parts:
                check(part, values)
        case Not(part):
            check(part, values)
        case Compared(left, how, right) if how in COMPARE:
            _check(how, ORDERED, values, left, right)
        case BeginsWith(_, start):
            _check("begins_with", PREFIXED, values, start)
        case Between(operand, least, most):
            _check("BETWEEN", ORDERED, values, operand, least, most)
            if isinstance(least, Given) and isinstance(most, Given):
                low, high = values[least.name], values[most.name]
                if kind(low) != kind(high):
                    raise Invalid("The BETWEEN operator requires same data type for lower and upper bounds")
                if plain(low) > plain(high):
                    raise Invalid(
                        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound"
                    )


def _check(how: str, kinds: Collection[str], values: Values, *operands: Operand) -> None:
    for operand in operands:
        if isinstance(operand, Given) and kind(values[operand.name]) not in kinds:
            raise Invalid(f"Incorrect operand type for {how}: {kind(values[operand.name])}")


def parts_of(condition: Condition) -> Iterator[Condition]:
    """What an AND joins, or the condition itself."""
    if isinstance(condition, Both):
        for part in condition.parts:
            yield from parts_of(part)
    else:
        yield condition


def _all(reader: Reader) -> Condition:
    parts = [_one(reader)]
    while reader.took("AND"):
        reader.operator()
        parts.append(_one(reader))
    return parts[0] if len(parts) == 1 else Both(tuple(parts))


def _one(reader: Reader) -> Condition:
    if reader.took("NOT"):
        reader.operator()
        return Not(_one(reader))
    if reader.took("("):
        inner = read(reader)
        reader.expect(")")
        return inner
    for word, wanted in (("ATTRIBUTE_EXISTS", True), ("ATTRIBUTE_NOT_EXISTS", False)):
        if reader.took(word, "("):
            reader.operator()
            path = reader.path()
            reader.expect(")")
            return Exists(path, wanted)
    if reader.took("BEGINS_WITH", "("):
        reader.operator()
        path = reader.path()
        reader.expect(",")
        start = reader.operand()
        reader.expect(")")
        return BeginsWith(path, start)
    return _comparison(reader)


def _comparison(reader: Reader) -> Condition:
    left = reader.operand()
    reader.operator()
    if reader.took("BETWEEN"):
        least = reader.operand()
        reader.expect("AND")
        return Between(left, least, reader.operand())
    if reader.peek() not in {"=", "<>", *COMPARE}:
        raise reader.wrong("needs a comparison that is simulated")
    return Compared(left, reader.take(), reader.operand())


def _ordered(left: Value, right: Value) -> bool:
    """Whether two values can be told apart by order: they are of one type that has one."""
    return kind(left) == kind(right) and kind(left) in ORDERED
