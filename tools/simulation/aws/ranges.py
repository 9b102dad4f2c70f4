"""What a query asks for: one partition, and a range of it."""

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tools.simulation.aws import conditions
from tools.simulation.aws.conditions import COMPARE, BeginsWith, Between, Compared, Condition
from tools.simulation.aws.errors import Invalid
from tools.simulation.aws.tokens import Given, Names, Operand, Path, Values
from tools.simulation.aws.values import plain

Test = Callable[[Any], bool]


class Range(NamedTuple):
    """The partition, and what must hold of the second part of the key."""

    first: Any
    second: Test | None

    def holds(self, key: tuple[Any, ...]) -> bool:
        """Whether a key lies in it."""
        return bool(key[0] == self.first) and (self.second is None or self.second(key[1]))


def read(schema: Sequence[tuple[str, str]], condition: Condition | None, names: Names, values: Values) -> Range:
    """The range that a key condition describes.

    Raises Invalid where it is no condition on this key.
    """
    found: dict[str, Test] = {}
    first = None
    for part in conditions.parts_of(condition) if condition else ():
        name, test, equal = _test(part, dict(schema), names, values)
        if name in found:
            raise Invalid("KeyConditionExpressions must only contain one condition per key")
        found[name] = test
        if name == schema[0][0]:
            first = equal
    if first is None or found.keys() - {name for name, _ in schema}:
        needed = f"it needs {schema[0][0]} = a value, and at most a range of the rest of the key"
        raise Invalid(f"Query key condition not supported: {needed}")
    return Range(first, found.get(schema[-1][0]) if len(schema) > 1 else None)


def _test(part: Condition, kinds: dict[str, str], names: Names, values: Values) -> tuple[str, Test, Any]:
    """The attribute that a part is about, its test, and what it must be equal to, if it must."""

    def of(path: Operand, *operands: Operand) -> tuple[str, list[Any]]:
        if (
            not isinstance(path, Path)
            or len(path.parts) > 1
            or not all(isinstance(operand, Given) for operand in operands)
        ):
            raise Invalid("Query key condition not supported")
        (name,) = path.resolved(names)
        given = [values[operand.name] for operand in operands if isinstance(operand, Given)]
        if any(kinds.get(name) not in value for value in given):
            wrong = f"Condition parameter type does not match schema type of {name}"
            raise Invalid(f"One or more parameter values were invalid: {wrong}")
        return name, [plain(value) for value in given]

    match part:
        case Compared(left, how, right) if how in {"=", *COMPARE}:
            name, (value,) = of(left, right)
            compare: Callable[[Any, Any], bool] = COMPARE.get(how, operator.eq)
            return name, lambda held: bool(compare(held, value)), value if how == "=" else None
        case Between(operand, least, most):
            name, (low, high) = of(operand, least, most)
            return name, lambda held: bool(low <= held <= high), None
        case BeginsWith(path, start) if kinds.get(".".join(path.resolved(names))) != "N":
            name, (value,) = of(path, start)
            return name, lambda held: bool(held.startswith(value)), None
    raise Invalid("Query key condition not supported")
