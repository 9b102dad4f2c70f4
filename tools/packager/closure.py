"""Which files a function's zip holds: everything its handler module can reach, and nothing else.

The rule errs on the side of keeping. Nothing is run to find out, so what is imported late, in a
branch or in a function, counts like the rest:

1. Every import statement anywhere in a reached module is followed, except under `if
   TYPE_CHECKING:`. The packages a module lies in are reached with it.
2. A string that spells a known module's whole dotted name counts as an import of it.
3. A third-party module that imports by a computed name (`import_module(name)`) keeps the package it
   lies in whole, and so does an extension module, whose imports cannot be read. What the
   extension's own distribution requires on the target is then kept whole too. Our own modules may
   not compute imports.
4. Packages named `tests` or `test`, stubs and `py.typed` are left out, and what is for a browser:
   no function answers with a page. Other data files come with the package folder they lie in, and
   so does a library that is loaded by its path ("libpdfium.so").
5. The libraries that a wheel brings for its extension modules ("pillow.libs") come with any of
   these.
6. Of a distribution of which anything is kept, the metadata, licences and bills of materials are
   kept.

So `event_handler` of Powertools is in the zips though no function of ours has a resolver: its
logger imports it late, to write a Pydantic model. Leaving it out would save 1 MB and break that log
line.

An import by our own code that is neither ours, nor in the lock, nor the standard library's, nor the
runtime's is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import PurePosixPath

from tools.packager import PackagerError
from tools.packager.imports import Imports, read
from tools.packager.wheels import Wheel

# What the Lambda runtime's boto3 brings along; never packaged, except jmespath, which Powertools
# needs and the lock names.
RUNTIME = frozenset({"boto3", "botocore", "s3transfer", "urllib3", "dateutil", "six", "jmespath"})
NEVER_PACKAGED = RUNTIME - {"jmespath"}
_LEFT_OUT = frozenset({"tests", "test", "__pycache__"})
_STUBS = (".pyi", ".pyc", ".pyo", "py.typed", ".pxd")
_FOR_BROWSERS = (".js", ".css", ".map")  # Powertools' Swagger UI is 1.7 MB of them
_KEPT_METADATA = ("METADATA", "entry_points.txt")
_LICENCES = ("licen", "copying", "notice", "authors")


@dataclass(frozen=True)
class Module:
    """A module that could be packaged.

    Its dotted `name`, `path` in the zip, `content`, and the wheel that it is of (None: ours).
    """

    name: str
    path: str
    content: bytes = field(repr=False)
    wheel: Wheel | None

    @property
    def is_package(self) -> bool:
        """Whether it is the `__init__.py` of a package."""
        return self.path.endswith("__init__.py")

    @property
    def is_extension(self) -> bool:
        """Whether it is machine code, whose imports cannot be read."""
        return not self.path.endswith(".py")

    @property
    def package(self) -> str:
        """The package that it is, or else lies in; its own name where it lies in none."""
        return self.name if self.is_package else self.name.rpartition(".")[0] or self.name

    @cached_property
    def imports(self) -> Imports:
        """What it names for import. Raises PackagerError for what this Python cannot read."""
        try:
            return Imports() if self.is_extension else read(self.content, self.name, is_package=self.is_package)
        except SyntaxError as error:
            raise PackagerError(
                f"{self.path}:{error.lineno}: this Python ({sys.version.split()[0]}) cannot read it: {error.msg}"
            ) from None


class Library:
    """All that could be packaged: our sources and the wheels.

    `sources`: path below the source folder → bytes; `markers`: what environment markers come to on
    the target.
    """

    def __init__(self, sources: Mapping[str, bytes], wheels: Iterable[Wheel], markers: Mapping[str, str]) -> None:
        self.wheels = {wheel.name: wheel for wheel in wheels}
        self.modules: dict[str, Module] = {}
        self.files: dict[str, bytes] = {}
        self._markers = markers
        self._add(sources, None)
        for wheel in self.wheels.values():
            self._add(wheel.files, wheel)
        if unwanted := NEVER_PACKAGED & {name.partition(".")[0] for name in self.modules}:
            names = ", ".join(sorted(unwanted))
            raise PackagerError(
                f"{names} would be packaged, but the runtime brings it: take it out of functions.in, then `make lock`"
            )

    def _add(self, files: Mapping[str, bytes], wheel: Wheel | None) -> None:
        for path, content in files.items():
            if path in self.files:
                origin = wheel.name if wheel else "our sources"
                raise PackagerError(f"{path} comes twice, the second time from {origin}: one of the two must go")
            self.files[path] = content
            name = module_name(path)
            if name is not None:
                self.modules[name] = Module(name, path, content, wheel)

    def reached_from(self, handler: str) -> dict[str, bytes]:
        """The files (path in the zip → bytes) of everything that module `handler` can reach.

        Raises PackagerError.
        """
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
            # an f-string's fixed part, or a prefix to be completed: "package.sub."
            for prefix in (text for text in imports.strings if text.endswith(".")):
                names |= self._whole(prefix.rstrip("."))
        if module.wheel and module.is_extension:
            for required in module.wheel.requires(self._markers) & self.wheels.keys():
                names |= self._modules_of(self.wheels[required])
        return set(chain.from_iterable(map(_prefixes, names)))

    def _whole(self, package: str) -> set[str]:
        return {name for name in self.modules if name == package or name.startswith(f"{package}.")}

    def _modules_of(self, wheel: Wheel) -> set[str]:
        return {name for name, module in self.modules.items() if module.wheel is wheel}

    def _check_ours(self, module: Module) -> None:
        if module.imports.computed:
            raise PackagerError(
                f"{module.path} imports by a computed name, which the packager cannot follow: write the import out"
            )
        for name, line in module.imports.bases.items():
            top = name.partition(".")[0]
            if top in sys.stdlib_module_names or top in RUNTIME or name in self.modules or self._is_folder(name):
                continue
            raise PackagerError(
                f"{module.path}:{line}: {name} is neither ours, nor in requirements/functions.txt, "
                "nor Python's, nor with the runtime's boto3: "
                "correct the import, or add the package to functions.in and run `make lock`"
            )

    def _is_folder(self, name: str) -> bool:
        return any(other.startswith(f"{name}.") for other in self.modules)

    def _files_of(self, modules: Collection[Module]) -> dict[str, bytes]:
        kept = {module.path for module in modules}
        folders = {str(PurePosixPath(module.path).parent) for module in modules if module.is_package}
        used = {module.wheel.name for module in modules if module.wheel}
        metadata = {self.wheels[name].dist_info for name in used}
        linked = [module.wheel for module in modules if module.wheel and module.is_extension]
        kept.update(path for wheel in linked for path in wheel.files if _is_library(path))
        for name in self.files:
            path = PurePosixPath(name)
            is_data = str(path.parent) in folders and _is_data(name)
            if is_data or (path.parts[0] in metadata and _is_kept_metadata(path)):
                kept.add(name)
        return {path: self.files[path] for path in sorted(kept)}


def module_name(path: str) -> str | None:
    """The dotted name by which a file below sys.path is imported.

    None if it is no module, or of a kind that is left out.
    """
    *folders, file = path.split("/")
    stem, _, ending = file.partition(".")
    plain = ending == "so" and not stem.startswith("lib")
    is_extension = plain or (ending.endswith("so") and ("abi3" in ending or "cpython" in ending))
    parts = folders if stem == "__init__" else [*folders, stem]
    importable = parts and all(part.isidentifier() for part in parts)
    if not importable or _LEFT_OUT & set(parts) or not (ending == "py" or is_extension):
        return None
    return ".".join(parts)


def _prefixes(name: str) -> Iterable[str]:
    parts = name.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _is_data(path: str) -> bool:
    return module_name(path) is None and not path.endswith(_STUBS + _FOR_BROWSERS)


def _is_library(path: str) -> bool:
    """Whether it is one that the wheel's builder put beside it, for its extension modules."""
    return path.partition("/")[0].endswith(".libs")


def _is_kept_metadata(path: PurePosixPath) -> bool:
    inside = path.parts[1:]
    return inside[0] in (*_KEPT_METADATA, "licenses", "sboms") or inside[0].lower().startswith(_LICENCES)
