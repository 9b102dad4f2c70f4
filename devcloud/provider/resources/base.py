"""What every handler of a resource type offers, and the helpers that real ones share."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from devcloud.provider.connection import Connection
from devcloud.provider.resources.record import invent
from devcloud.provider.values import UNKNOWN, Value

_GONE = ("NotFound", "NonExistent", "NoSuch", "DoesNotExist", "404")


class Handler:
    """The calls behind one resource type. As it stands it makes none: ids are invented, and the state is where its resources live.

    `create`, `read` and `update` return attribute values: an apply takes of them what the plan left unknown, a read refreshes the state
    with them. `read` returns None when the thing is gone; it and `delete` may also let the API's "not found" through.
    """

    moves: tuple[tuple[str, str], ...] = ()
    """Pairs (attributes whose change counts, computed attributes that then change), names separated by blanks; "*" is any attribute."""

    def __init__(self, kind: str = "") -> None:
        self._kind = kind

    def moved(self, changed: set[str], _value: Value) -> set[str]:
        """The computed attributes that an update of the `changed` ones will change."""
        effects = [effects.split() for causes, effects in self.moves if causes == "*" or changed & set(causes.split())]
        return {name for names_ in effects for name in names_}

    def create(self, connection: Connection, value: Value) -> Value:
        return invent(self._kind, connection, value)

    def read(self, _connection: Connection, state: Value) -> Value | None:
        return state

    def update(self, connection: Connection, value: Value, _prior: Value) -> Value:
        return self.create(connection, value)

    def delete(self, _connection: Connection, _state: Value) -> None:
        return None


def names(text: str) -> dict[str, str]:
    """Attribute → the API's parameter: its name in camel case, or what follows a `=`."""
    pairs = [word.partition("=") for word in text.split()]
    return {name: parameter or "".join(part.capitalize() for part in name.split("_")) for name, _, parameter in pairs}


def fields(value: Value, parameters: Mapping[str, str], prior: Value | None = None) -> dict[str, Any]:
    """The API's parameters out of a value; what is null or unknown is left out.

    With `prior`, a text, list or map that was set and no longer is, is sent empty.
    """
    sent = {}
    for name, parameter in parameters.items():
        given, old = value.get(name), (prior or {}).get(name)
        if given is not None and given is not UNKNOWN:
            sent[parameter] = given
        elif given is None and old and isinstance(old, str | list | dict):
            sent[parameter] = type(old)()
    return sent


def found(answer: Mapping[str, Any], parameters: Mapping[str, str]) -> Value:
    """The other way round: attribute values out of an API's answer, of what is there."""
    return {name: answer[parameter] for name, parameter in parameters.items() if parameter in answer}


def changes(value: Value, prior: Value, attributes: Iterable[str]) -> set[str]:
    """Which of these attributes an update changes."""
    return {name for name in attributes if value.get(name) != prior.get(name)}


def first(value: Value, name: str) -> Value:
    """The one block of that name, or an empty one."""
    blocks = value.get(name)
    return blocks[0] or {} if isinstance(blocks, list) and blocks else {}


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """Let an API's "there is no such thing" pass, and nothing else."""
    try:
        yield
    except ClientError as error:
        if not any(mark in str(error.response.get("Error", {}).get("Code", "")) for mark in _GONE):
            raise
