"""PartiQL as far as it is used: INSERT, UPDATE and DELETE of one row, by its whole key."""

from functools import lru_cache
from typing import NamedTuple

from tools.simulation.aws import conditions, updates
from tools.simulation.aws.conditions import Compared, Condition
from tools.simulation.aws.errors import Invalid
from tools.simulation.aws.tokens import Given, Path, Reader
from tools.simulation.aws.updates import Actions
from tools.simulation.aws.values import Item


class Statement(NamedTuple):
    """A statement: its verb and table; what an INSERT puts (attribute → parameter); what an UPDATE
    does; where.
    """

    verb: str
    table: str
    row: dict[str, str]
    actions: Actions
    where: Condition | None
    values: tuple[str, ...]

    def key(self, given: dict[str, Item]) -> Item:
        """What the statement says that attributes must be equal to: the key, and perhaps more."""
        if self.where is None:
            return {name: given[value] for name, value in self.row.items()}
        return {
            part.left.parts[0]: given[part.right.name]
            for part in conditions.parts_of(self.where)
            if isinstance(part, Compared)
            and part.how == "="
            and isinstance(part.left, Path)
            and isinstance(part.right, Given)
        }


@lru_cache(500)
def parsed(text: str) -> Statement:
    """A statement. Raises Invalid."""
    reader = Reader(text)
    row: dict[str, str] = {}
    actions: list[updates.Action] = []
    where = None
    if reader.took("INSERT", "INTO"):
        verb, table = "INSERT", _table(reader)
        reader.expect("VALUE", "{")
        row = _row(reader)
    elif reader.took("UPDATE"):
        verb, table = "UPDATE", _table(reader)
        while reader.peek().upper() in {"SET", "REMOVE"}:
            actions.append(updates.read_set(reader) if reader.take().upper() == "SET" else updates.read_remove(reader))
    elif reader.took("DELETE", "FROM"):
        verb, table = "DELETE", _table(reader)
    else:
        raise reader.wrong("is no statement that is simulated")
    if verb != "INSERT":
        reader.expect("WHERE")
        where = conditions.read(reader)
    reader.end()
    return Statement(verb, table, row, tuple(actions), where, tuple(reader.values))


def _table(reader: Reader) -> str:
    return reader.take().strip('"')


def _row(reader: Reader) -> dict[str, str]:
    row: dict[str, str] = {}
    while True:
        name = reader.take()
        reader.expect(":")
        value = reader.operand()
        if name[0] != "'" or not isinstance(value, Given):
            raise Invalid(f"the simulated PartiQL takes only parameters as values: {reader.text}")
        row[name.strip("'")] = value.name
        if not reader.took(","):
            reader.expect("}")
            return row
