"""What one module's source names for import, read from its syntax tree without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMPUTED = {
    "import_module",
    "__import__",
    "spec_from_file_location",
    "find_spec",
    "iter_modules",
    "walk_packages",
    "run_module",
}


@dataclass
class Imports:
    """What a module names for import.

    `names`: dotted name → line, for every import statement in the module (`from a import b` gives a
    and a.b); `bases`: the part of them that must be a module. `strings`: string constants.
    `computed`: it imports by a name that its source does not spell out.
    """

    names: dict[str, int] = field(default_factory=dict)
    bases: dict[str, int] = field(default_factory=dict)
    strings: set[str] = field(default_factory=set)
    computed: bool = False


def read(source: bytes, module: str, *, is_package: bool) -> Imports:
    """Read the imports of `module`.

    What stands under `if TYPE_CHECKING:` never runs and does not count. Raises SyntaxError.
    """
    package = module.split(".") if is_package else module.split(".")[:-1]
    imports = Imports()
    for node in _executed(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imports.bases.setdefault(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            imports.bases.setdefault(base, node.lineno)
            for alias in node.names:
                imports.names.setdefault(f"{base}.{alias.name}", node.lineno)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            imports.strings.add(node.value)
        elif isinstance(node, ast.Call) and _called(node) in _COMPUTED:
            _read_call(node, imports)
    imports.names.update(imports.bases)
    return imports


def has_handler(source: bytes) -> bool:
    """Whether the module defines `handler` at its top level."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == "handler":
            return True
        if any(isinstance(target, ast.Name) and target.id == "handler" for target in _targets(node)):
            return True
    return False


def _targets(node: ast.stmt) -> list[ast.expr]:
    """What a statement assigns to."""
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _absolute(node: ast.ImportFrom, package: list[str]) -> str:
    if not node.level:
        return node.module or ""
    parents = package[: len(package) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _read_call(node: ast.Call, imports: Imports) -> None:
    first = node.args[0] if node.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and not first.value.startswith("."):
        imports.bases.setdefault(first.value, node.lineno)
    else:
        imports.computed = True
