"""What every handler of a resource type offers, and the helpers that real ones share."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from tools.offline_provider.connection import Connection
from tools.offline_provider.resources.record import invent
from tools.offline_provider.values import UNKNOWN, Value

_GONE = ("NotFound", "NonExistent", "NoSuch", "DoesNotExist", "404")


class Handler:
    """The calls behind one resource type.

    As it stands it makes none: ids are invented, and the state is where its resources live.

    `create`, `read` and `update` return attribute values: an apply takes of them what the plan left
    unknown, a read refreshes the state with them. `read` and `delete` may let the API's "not found"
    through.
    """

    effects: tuple[tuple[str, str], ...] = ()
    """Pairs (attributes, computed attributes that change when one of those does).

    Names are separated by blanks; "*" is any attribute.
    """

    def __init__(self, kind: str = "") -> None:
        self._kind = kind

    def affected_by(self, changed: set[str], _value: Value) -> set[str]:
        """The computed attributes that an update of the `changed` ones will change."""
        affected: set[str] = set()
        for causes, attributes in self.effects:
            if causes == "*" or changed & set(causes.split()):
                affected.update(attributes.split())
        return affected

    def create(self, connection: Connection, value: Value) -> Value:
        """Make a resource of its planned value; return what is known of it then."""
        return invent(self._kind, connection, value)

    def read(self, _connection: Connection, state: Value) -> Value | None:
        """What is known of the resource now; None when it is gone."""
        return state

    def update(self, connection: Connection, value: Value, _prior: Value) -> Value:
        """Change a resource in place to its planned value; return what is known of it then."""
        return self.create(connection, value)

    def delete(self, _connection: Connection, _state: Value) -> None:
        """Delete the resource."""


def parameter_names(text: str) -> dict[str, str]:
    """Attribute → the API's parameter: its name in camel case, or what follows a `=`."""
    pairs = [word.partition("=") for word in text.split()]
    return {name: parameter or _camel_case(name) for name, _, parameter in pairs}


def _camel_case(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def to_parameters(value: Value, parameters: Mapping[str, str], prior: Value | None = None) -> dict[str, Any]:
    """The API's parameters out of a value; what is null or unknown is left out.

    With `prior`, a text, list or map that was set and no longer is, is sent empty.
    """
    sent = {}
    for name, parameter in parameters.items():
        current, old = value.get(name), (prior or {}).get(name)
        if current is not None and current is not UNKNOWN:
            sent[parameter] = current
        elif current is None and old and isinstance(old, str | list | dict):
            sent[parameter] = type(old)()
    return sent


def from_answer(answer: Mapping[str, Any], parameters: Mapping[str, str]) -> Value:
    """Attribute values out of an API's answer, of what is there."""
    return {name: answer[parameter] for name, parameter in parameters.items() if parameter in answer}


def changes(value: Value, prior: Value, attributes: Iterable[str]) -> set[str]:
    """Which of these attributes an update changes."""
    return {name for name in attributes if value.get(name) != prior.get(name)}


def first_block(value: Value, name: str) -> Value:
    """The one block of that name, or an empty one."""
    blocks = value.get(name)
    return blocks[0] or {} if isinstance(blocks, list) and blocks else {}


@contextmanager
def ignore_not_found() -> Iterator[None]:
    """Ignore an API's "there is no such thing", and no other error."""
    try:
        yield
    except ClientError as error:
        if not any(mark in str(error.response.get("Error", {}).get("Code", "")) for mark in _GONE):
            raise
