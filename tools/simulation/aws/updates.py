"""Updates: SET, ADD and REMOVE, as an UpdateExpression or PartiQL's SET says it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tools.simulation.aws.errors import Invalid
from tools.simulation.aws.tokens import Names, Operand, Path, Reader, Values
from tools.simulation.aws.values import Item, Value, added, number, text_of

NO_PATH = "The document path provided in the update expression is invalid for update"


@dataclass(frozen=True, slots=True)
class Sum:
    """left + right, or left - right."""

    left: "Source"
    sign: int
    right: "Source"

    def of(self, item: Item, names: Names, values: Values) -> Value | None:
        """The sum. Raises Invalid where a part is missing or no number."""
        return _added(self.left.of(item, names, values), self.right.of(item, names, values), self.sign)


@dataclass(frozen=True, slots=True)
class IfNotExists:
    """if_not_exists(path, otherwise)."""

    path: Path
    otherwise: Operand

    def of(self, item: Item, names: Names, values: Values) -> Value | None:
        """What lies at the path, or the other."""
        found = self.path.of(item, names, values)
        return self.otherwise.of(item, names, values) if found is None else found


Source = Operand | Sum | IfNotExists


class Action(NamedTuple):
    """One change of an item: "SET", "ADD" or "REMOVE"."""

    verb: str
    path: Path
    source: Source | None


Actions = tuple[Action, ...]


def read(reader: Reader) -> Actions:
    """The whole rest as an update expression. Raises Invalid."""
    actions: list[Action] = []
    seen: set[str] = set()
    while reader.peek():
        verb = reader.take().upper()
        if verb not in READ or verb in seen:
            raise Invalid(
                f'Invalid UpdateExpression: the "{verb}" section is not simulated, or stands twice: {reader.text}'
            )
        seen.add(verb)
        actions.append(READ[verb](reader))
        while reader.took(","):
            actions.append(READ[verb](reader))
    return tuple(actions)


@lru_cache(500)
def parsed(text: str) -> Actions:
    """An update expression. Raises Invalid."""
    return read(Reader(text))


def read_set(reader: Reader) -> Action:
    """One `path = source`."""
    path = reader.path()
    reader.expect("=")
    left = _source(reader)
    for word, sign in (("+", 1), ("-", -1)):
        if reader.took(word):
            reader.operator()
            return Action("SET", path, Sum(left, sign, _source(reader)))
    return Action("SET", path, left)


def _read_add(reader: Reader) -> Action:
    return Action("ADD", reader.path(), reader.operand())


def read_remove(reader: Reader) -> Action:
    """One path to be removed."""
    return Action("REMOVE", reader.path(), None)


READ: dict[str, Callable[[Reader], Action]] = {"SET": read_set, "ADD": _read_add, "REMOVE": read_remove}


def _source(reader: Reader) -> Source:
    if not reader.took("IF_NOT_EXISTS", "("):
        return reader.operand()
    reader.operator()
    path = reader.path()
    reader.expect(",")
    otherwise = reader.operand()
    reader.expect(")")
    return IfNotExists(path, otherwise)


def applied(actions: Actions, item: Item, names: Names, values: Values) -> tuple[Item, set[str]]:
    """The item as the actions leave it (the one given is not touched), and the attributes they
    changed. Raises Invalid.
    """
    paths: list[tuple[str, ...]] = []
    changed = item
    for verb, path, source in actions:
        parts = path.resolved(names)
        if any(parts[: len(other)] == other[: len(parts)] for other in paths):
            raise Invalid("Invalid UpdateExpression: Two document paths overlap with each other")
        paths.append(parts)
        value = source.of(item, names, values) if source is not None else None
        if verb == "ADD":
            value = _added(path.of(item, names, values) or {"N": "0"}, value, 1)
        elif verb == "SET" and value is None:
            raise Invalid("The provided expression refers to an attribute that does not exist in the item")
        changed = _put(changed, parts, value)
    return changed, {parts[0] for parts in paths}


def _put(item: Item, parts: tuple[str, ...], value: Value | None) -> Item:
    """A copy of the item with another value at a place; None removes it."""
    copy = dict(item)
    first, rest = parts[0], parts[1:]
    if rest:
        if "M" not in copy.get(first, ()):
            raise Invalid(NO_PATH)
        copy[first] = {"M": _put(copy[first]["M"], rest, value)}
    elif value is None:
        copy.pop(first, None)
    else:
        copy[first] = value
    return copy


def _added(left: Value | None, right: Value | None, sign: int) -> Value:
    if left is None or right is None:
        raise Invalid("The provided expression refers to an attribute that does not exist in the item")
    if "N" not in left or "N" not in right:
        raise Invalid("An operand in the update expression has an incorrect data type")
    return {"N": text_of(added(number(left["N"]), sign * number(right["N"])))}
