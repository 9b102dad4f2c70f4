"""The project's own files, and what each Python file imports."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tools.common.paths import ROOT

GENERATED = ("_pb2.py", "_pb2.pyi")
PRODUCT = ("lambda_src/", "policies/", "tools/")


@cache
def files(*patterns: str) -> list[str]:
    """Files that git knows or would take, by path from the root, of these patterns ("*.py")."""
    asked = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in said.splitlines() if (ROOT / name).exists()]


def python() -> list[str]:
    """Python files that people write."""
    return [name for name in files("*.py") if not name.endswith(GENERATED)]


def pipelines() -> set[str]:
    """The pipelines: the folders of functions, but for what they share."""
    return {path.name for path in (ROOT / "lambda_src").iterdir() if (path / "__init__.py").exists()} - {"shared"}


@cache
def imports(name: str) -> frozenset[str]:
    """The modules that a file imports, wherever it does: "tools.common.errors", "votes.ballot"."""
    return frozenset(_imports(ast.parse((ROOT / name).read_text())))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(name: str) -> Iterator[tuple[str, int]]:
    """Each function of a file, with how many lines it has."""
    for node in ast.walk(ast.parse((ROOT / name).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def lines(name: str) -> list[str]:
    """A file's lines."""
    return (ROOT / name).read_text().splitlines()


def path_parts(name: str) -> tuple[str, ...]:
    """The folders that a file is in."""
    return Path(name).parts[:-1]
