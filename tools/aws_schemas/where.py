"""Where a planned value is set: the line of the resource, and what it is passed in by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tools.common.paths import ROOT

_INDEX = re.compile(r"\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\]")


class _Module(NamedTuple):
    """A module of a plan's configuration, and the call that makes it one."""

    folder: Path
    configuration: Mapping[str, Any]
    name: str = ""
    call: Mapping[str, Any] = {}


def place(configuration: Mapping[str, Any], folder: Path, address: str, attribute: str) -> list[str]:
    """From a resource to the root module: file, line, and what the attribute is there.

    `configuration` is a plan's, `folder` its root module's.
    """
    *steps, kind, name = _INDEX.sub("", address).split(".")
    modules = [_Module(folder, configuration["root_module"])]
    for step in steps[1::2]:
        outer = modules[-1]
        call = outer.configuration["module_calls"][step]
        modules.append(_Module((outer.folder / call["source"]).resolve(), call["module"], step, call))
    inner = modules[-1]
    resource = next(one for one in inner.configuration["resources"] if one["address"] == f"{kind}.{name}")
    argument = re.split(r"[.\[]", attribute)[0]
    set_by = _references(resource["expressions"].get(argument))
    said = [_line(inner.folder, "resource", kind, name) + (f": {argument}{_is(set_by)}" if argument else "")]
    for module, caller in zip(reversed(modules[1:]), reversed(modules[:-1]), strict=True):
        passed = {one.split(".")[1] for one in set_by if one.startswith("var.")} & set(module.call["expressions"])
        if not passed:
            break
        found = {name: _references(module.call["expressions"][name]) for name in sorted(passed)}
        words = ", ".join(f"{name}{_is(references)}" for name, references in found.items())
        said.append(f"{_line(caller.folder, 'module', module.name)}: {words}")
        set_by = [one for references in found.values() for one in references]
    return said


def _is(references: list[str]) -> str:
    return f" is {' with '.join(references)}" if references else " is written there"


def _references(expression: Any) -> list[str]:
    """What an argument's expression refers to, without what only leads there."""
    every = list(dict.fromkeys(_all_references(expression)))
    return [one for one in every if not any(re.match(rf"{re.escape(one)}[.\[]", other) for other in every)]


def _all_references(expression: Any) -> Iterator[str]:
    if isinstance(expression, dict):
        yield from expression.get("references", ())
        for key, inner in expression.items():
            if key not in ("references", "constant_value"):
                yield from _all_references(inner)
    elif isinstance(expression, list):
        for inner in expression:
            yield from _all_references(inner)


def _line(folder: Path, *labels: str) -> str:
    """The file and line of a block ("module", "votes")."""
    start = labels[0] + "".join(f' "{label}"' for label in labels[1:])
    shown = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    for file in sorted(folder.glob("*.tf")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if line.startswith(start):
                return f"{shown}/{file.name}:{number}"
    return f"{shown}"
