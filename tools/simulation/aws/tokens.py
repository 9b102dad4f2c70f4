"""Reading DynamoDB's expressions and PartiQL word by word, and what both are made of: paths and
given values.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from tools.simulation.aws.errors import Invalid
from tools.simulation.aws.values import DEEPEST, Item, Value

WORD = re.compile(r"""\s*([#:]?[A-Za-z_0-9]+|"[^"]*"|'[^']*'|<>|<=|>=|[=<>(),.+\-?{}:])""")

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
LONGEST, MOST_OPERATORS = 4096, 300  # of an expression: bytes; operators and functions

Names = Mapping[str, str]
Values = Mapping[str, Value]


class Path(NamedTuple):
    """Where a value lies in an item: names of attributes, from outside in; those with a # are given
    with the request.
    """

    parts: tuple[str, ...]

    def resolved(self, names: Names) -> tuple[str, ...]:
        """The attributes' own names."""
        return tuple([names[part] if part[0] == "#" else part for part in self.parts])

    def of(self, item: Item, names: Names, values: Values) -> Value | None:
        """What lies there; None if nothing does."""
        found: Value | None = {"M": item}
        for part in self.parts:
            if found is None or "M" not in found:
                return None
            found = found["M"].get(names[part] if part[0] == "#" else part)
        return found


class Given(NamedTuple):
    """A value given with the request."""

    name: str

    def of(self, item: Item, names: Names, values: Values) -> Value | None:
        """The value."""
        return values[self.name]


Operand = Path | Given


class Reader:
    """The words of a text, one after the other; keeps which names and values were asked for."""

    def __init__(self, text: str) -> None:
        self.text, self._words, self._place = text, _words(text), 0
        self.names: set[str] = set()
        self.values: list[str] = []
        self._operators = 0

    def peek(self) -> str:
        """The next word as it stands; "" at the end."""
        return self._words[self._place] if self._place < len(self._words) else ""

    def take(self) -> str:
        """The next word, which is used up."""
        word = self.peek()
        self._place += 1
        return word

    def took(self, *words: str) -> bool:
        """Whether these words came next, in whatever case; then they are used up."""
        there = self._words[self._place : self._place + len(words)]
        if [word.upper() for word in there] != list(words):
            return False
        self._place += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Use these words up. Raises Invalid where they do not come next."""
        if not self.took(*words):
            raise self.wrong(f"needs {' '.join(words)}")

    def operator(self) -> None:
        """Count an operator or function that was read. Raises Invalid where it is one too many."""
        self._operators += 1
        if self._operators > MOST_OPERATORS:
            raise Invalid(f"Invalid expression: it contains more than {MOST_OPERATORS} operators")

    def end(self) -> None:
        """Raises Invalid where a word is left."""
        if self.peek():
            raise self.wrong("does not end there")

    def wrong(self, why: str) -> Invalid:
        """What to raise where the text makes no sense."""
        return Invalid(f'Invalid expression: syntax error; token: "{self.peek() or "<EOF>"}": it {why}: {self.text}')

    def operand(self) -> Operand:
        """A path, or a given value."""
        if self.peek() == "?":
            return self._given(f"?{len(self.values)}")
        return self._given(self.peek()) if self.peek().startswith(":") and len(self.peek()) > 1 else self.path()

    def path(self) -> Path:
        """A path, as in #open.epoch."""
        parts = [self._name()]
        while self.took("."):
            parts.append(self._name())
        if len(parts) > DEEPEST:
            raise Invalid(f"Invalid expression: the document path has more than {DEEPEST} nesting levels")
        return Path(tuple(parts))

    def _given(self, name: str) -> Given:
        self.take()
        self.values.append(name)
        return Given(name)

    def _name(self) -> str:
        word = self.peek()
        if not word or not (word[0] in '#"_' or word[0].isalpha()):
            raise self.wrong("needs a name")
        if word[0] == "#":
            self.names.add(word)
        elif word[0] != '"' and word.upper() in _reserved():
            raise Invalid(f"Invalid expression: Attribute name is a reserved keyword; reserved keyword: {word}")
        self.take()
        return word.strip('"')


def _words(text: str) -> list[str]:
    words: list[str] = []
    place = 0
    while text[place:].strip():
        if not (found := WORD.match(text, place)):
            raise Invalid(f'Invalid expression: syntax error; near: "{text[place : place + 10]}"')
        words.append(found[1])
        place = found.end()
    return words


@cache
def _reserved() -> frozenset[str]:
    """The words that AWS keeps for itself, from moto's list."""
    from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

    return frozenset(word.upper() for word in ReservedKeywords.get_reserved_keywords())
