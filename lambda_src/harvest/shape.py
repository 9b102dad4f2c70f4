"""What answers look like: the keys and kinds of their values, and nothing of the values."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

MOST_PATHS = 500
MOST_KEYS = 50  # of an object: one with more is a table of things by name
DEEPEST = 12
OTHERS = "…"  # stands for whatever is beyond these bounds
_KINDS = {str: "text", bool: "yes or no", int: "number", float: "number", type(None): "nothing"}


class Shape:
    """The paths that answers of one level have, each with its kind: `points[].value number`."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self.paths = set(paths)

    def add(self, value: Any, path: str = "", depth: int = 0) -> None:
        """Take in an answer, parsed."""
        if depth > DEEPEST or len(self.paths) >= MOST_PATHS:
            self.paths.add(OTHERS)
        elif isinstance(value, dict):
            any_name = len(value) > MOST_KEYS
            for key, inner in value.items():
                name = "*" if any_name else key[:100]
                self.add(inner, f"{path}.{name}" if path else name, depth + 1)
        elif isinstance(value, list):
            for inner in value:
                self.add(inner, f"{path}[]", depth + 1)
        else:
            self.paths.add(f"{path} {_KINDS[type(value)]}")

    @property
    def fingerprint(self) -> str:
        """The same for the same paths, and for no others."""
        return blake2b("\n".join(sorted(self.paths)).encode(), digest_size=8).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """As a manifest holds it."""
        return {"fingerprint": self.fingerprint, "paths": sorted(self.paths)}


def drift(before: Mapping[str, Any], now: Mapping[str, Shape]) -> dict[str, dict[str, list[str]]]:
    """What answers have that they had not, and have no more, by level; `before` is as of JSON.

    Levels of which one of the two knows nothing do not differ.
    """
    found = {}
    for level, shape in now.items():
        paths = set(before.get(level, {}).get("paths", ()))
        if paths and shape.paths and paths != shape.paths:
            more, less = sorted(shape.paths - paths), sorted(paths - shape.paths)
            found[level] = {"more": more, "less": less}
    return found
