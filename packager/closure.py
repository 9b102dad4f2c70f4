"""Which files a function's zip holds: everything its handler module can reach, and nothing else.

The rule errs on the side of keeping. Nothing is run to find out, so what is imported late, in a branch or in a function, counts like
the rest:

1. Every import statement anywhere in a reached module is followed, except under `if TYPE_CHECKING:`. The packages a module lies in are
   reached with it.
2. A string that spells a known module's whole dotted name counts as an import of it.
3. A third-party module that imports by a computed name (`import_module(name)`) keeps the package it lies in whole, and so does an
   extension module, whose imports cannot be read; the distributions that the extension's own distribution requires are then kept whole
   too. Our own modules may not compute imports.
4. Packages named `tests` or `test`, stubs and `py.typed` are left out, and what is for a browser: no function answers with a page.
   Other data files come with the package folder they lie in.
5. Of a distribution of which anything is kept, the metadata, licences and bills of materials are kept.

So `event_handler` of Powertools is in the zips though no function of ours has a resolver: its logger imports it late, to write a
Pydantic model. Leaving it out would save 1 MB and break that log line.

An import by our own code that is neither ours, nor in the lock, nor the standard library's, nor the runtime's is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from packager import PackagerError
from packager.imports import Imports, read
from packager.wheels import Wheel

# What the Lambda runtime's boto3 brings along; never packaged, except jmespath, which Powertools needs and the lock names.
RUNTIME = frozenset({"boto3", "botocore", "s3transfer", "urllib3", "dateutil", "six", "jmespath"})
NEVER_PACKAGED = RUNTIME - {"jmespath"}
_LEFT_OUT = frozenset({"tests", "test", "__pycache__"})
_STUBS = (".pyi", ".pyc", ".pyo", "py.typed", ".pxd")
_FOR_BROWSERS = (".js", ".css", ".map")  # Powertools' Swagger UI is 1.7 MB of them
_KEPT_METADATA = ("METADATA", "entry_points.txt")
_LICENCES = ("licen", "copying", "notice", "authors")


@dataclass(frozen=True)
class Module:
    """A module that could be packaged: its dotted `name`, `path` in the zip, `content`, and the wheel it is of (None: ours)."""

    name: str
    path: str
    content: bytes = field(repr=False)
    wheel: Wheel | None

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")

    @property
    def is_extension(self) -> bool:
        return not self.path.endswith(".py")

    @property
    def package(self) -> str:
        return self.name if self.is_package else self.name.rpartition(".")[0] or self.name

    @cached_property
    def imports(self) -> Imports:
        try:
            return Imports() if self.is_extension else read(self.content, self.name, is_package=self.is_package)
        except SyntaxError as error:
            raise PackagerError(f"{self.path}:{error.lineno}: this Python ({sys.version.split()[0]}) cannot read it: {error.msg}") from None


class Library:
    """All that could be packaged: our sources (path below the source folder → bytes) and the wheels."""

    def __init__(self, sources: Mapping[str, bytes], wheels: Iterable[Wheel]) -> None:
        self.wheels = {wheel.name: wheel for wheel in wheels}
        self.modules: dict[str, Module] = {}
        self.files: dict[str, bytes] = {}
        self._add(sources, None)
        for wheel in self.wheels.values():
            self._add(wheel.files, wheel)
        if unwanted := NEVER_PACKAGED & {name.partition(".")[0] for name in self.modules}:
            names = ", ".join(sorted(unwanted))
            raise PackagerError(f"{names} would be packaged, but the runtime brings it: take it out of functions.in, then `make lock`")

    def _add(self, files: Mapping[str, bytes], wheel: Wheel | None) -> None:
        for path, content in files.items():
            if path in self.files:
                raise PackagerError(
                    f"{path} comes twice, the second time from {wheel.name if wheel else 'our sources'}: one of the two must go"
                )
            self.files[path] = content
            name = module_name(path)
            if name is not None:
                self.modules[name] = Module(name, path, content, wheel)

    def reached_from(self, handler: str) -> dict[str, bytes]:
        """The files (path in the zip → bytes) of everything that module `handler` can reach. Raises PackagerError."""
        reached: dict[str, Module] = {}
        waiting = [handler]
        while waiting:
            module = self.modules.get(waiting.pop())
            if module is None or module.name in reached:
                continue
            reached[module.name] = module
            waiting.extend(self._next(module))
        return self._files_of(reached.values())

    def _next(self, module: Module) -> set[str]:
        imports = module.imports
        if module.wheel is None:
            self._check_ours(module)
        names = {*imports.names, *(text for text in imports.strings if text in self.modules), module.name}
        if module.wheel and (module.is_extension or imports.computed):
            names |= self._whole(module.package)
            # An f-string's fixed part, or a prefix to be completed: "package.sub."
            names |= {name for text in imports.strings if text.endswith(".") for name in self._whole(text.rstrip("."))}
        if module.wheel and module.is_extension:
            for required in module.wheel.requires() & self.wheels.keys():
                names |= {name for name, other in self.modules.items() if other.wheel is self.wheels[required]}
        return {prefix for name in names for prefix in _prefixes(name)}

    def _whole(self, package: str) -> set[str]:
        return {name for name in self.modules if name == package or name.startswith(f"{package}.")}

    def _check_ours(self, module: Module) -> None:
        if module.imports.computed:
            raise PackagerError(f"{module.path} imports by a computed name, which the packager cannot follow: write the import out")
        for name, line in module.imports.bases.items():
            top = name.partition(".")[0]
            if top in sys.stdlib_module_names or top in RUNTIME or name in self.modules or self._is_folder(name):
                continue
            raise PackagerError(
                f"{module.path}:{line}: {name} is neither ours, nor in requirements/functions.txt, nor Python's, nor with the runtime's "
                "boto3: correct the import, or add the package to functions.in and run `make lock`"
            )

    def _is_folder(self, name: str) -> bool:
        return any(other.startswith(f"{name}.") for other in self.modules)

    def _files_of(self, modules: Iterable[Module]) -> dict[str, bytes]:
        kept = {module.path for module in modules}
        folders = {str(PurePosixPath(module.path).parent) for module in modules if module.is_package}
        used = {module.wheel.name for module in modules if module.wheel}
        metadata = {self.wheels[name].dist_info for name in used}
        for path in self.files:
            place = PurePosixPath(path)
            data = str(place.parent) in folders and module_name(path) is None and not path.endswith(_STUBS + _FOR_BROWSERS)
            if data or (place.parts[0] in metadata and _is_kept_metadata(place)):
                kept.add(path)
        return {path: self.files[path] for path in sorted(kept)}


def module_name(path: str) -> str | None:
    """The dotted name by which a file below sys.path is imported, or None if it is no module, or of a kind that is left out."""
    *folders, file = path.split("/")
    stem, _, ending = file.partition(".")
    is_source, is_extension = ending == "py", ending.endswith("so") and (ending == "so" or "abi3" in ending or "cpython" in ending)
    parts = folders if stem == "__init__" else [*folders, stem]
    if not (is_source or is_extension) or not parts or not all(part.isidentifier() for part in parts) or _LEFT_OUT & set(parts):
        return None
    return ".".join(parts)


def _prefixes(name: str) -> Iterable[str]:
    parts = name.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _is_kept_metadata(place: PurePosixPath) -> bool:
    inside = place.parts[1:]
    return inside[0] in (*_KEPT_METADATA, "licenses", "sboms") or inside[0].lower().startswith(_LICENCES)
