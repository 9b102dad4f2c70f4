"""One target's zips, their manifest, and the variables that hand them to Terraform."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import platform
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from tools.packager import PackagerError, quick
from tools.packager.archive import edited, zipped
from tools.packager.bytecode import beside, bytecode
from tools.packager.closure import Library
from tools.packager.imports import has_handler
from tools.packager.target import THIS_PYTHON, Target
from tools.packager.wheels import wheels

Say = Callable[[str], None]

MANIFEST_FORMAT = 1
MANIFEST = "manifest.json"
VARIABLES = "packages.tfvars.json"


@dataclass(frozen=True)
class Inputs:
    """Where things come from.

    The sources' folder, the lock of third-party packages, where wheels are kept, and of which
    pipelines functions are wanted: of all, where none is named. `quick`: whether an edit that
    imports nothing new is put into the zips that are there.
    """

    source: Path
    lock: Path
    cache: Path
    pipelines: tuple[str, ...] = ()
    quick: bool = False


def build(target: Target, inputs: Inputs, out: Path, say: Say) -> dict[str, Any]:
    """Build a target's packages into `out`, and return their manifest.

    Writes `<function>.zip` for each function, `manifest.json` and `packages.tfvars.json`; only the
    last when `out` already holds what these inputs make. Raises PackagerError.
    """
    sources = _wanted(sources_of(inputs.source), inputs)
    handlers = _handlers(sources, inputs.source)
    fingerprint = _fingerprint(target, inputs.lock, sources)
    manifest = _standing(out, fingerprint)
    if manifest is not None:
        say(f"{target.name}: {len(handlers)} packages are up to date in {out}")
    else:
        manifest = _edited(target, inputs, sources, handlers, out) if inputs.quick else None
        if manifest is None:
            third_party = wheels(inputs.lock, target, inputs.cache, say)
            manifest = _make(target, handlers, Library(sources, third_party, target.markers), out, say)
        manifest |= {"inputs": fingerprint, "made_with": _fingerprint(target, inputs.lock, {})}
        _write(out / MANIFEST, json.dumps(manifest, indent=2, sort_keys=True).encode() + b"\n")
    _write(out / VARIABLES, json.dumps(_variables(manifest, out), indent=2, sort_keys=True).encode() + b"\n")
    return manifest


def functions(source: Path) -> dict[str, str]:
    """The functions in a folder of sources: name → handler module.

    Such as "votes-receive" → "votes.receive". Raises PackagerError where there is none, or a source
    that cannot be parsed.
    """
    return _handlers(sources_of(source), source)


def sources_of(folder: Path) -> dict[str, bytes]:
    """All files in a folder, path below it → content, without hidden ones and bytecode.

    Lines of Python end with LF: git may have checked them out with CR LF, and the same commit gives
    the same zip.
    """
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    contents = {name: path.read_bytes() for name, path in sorted(paths.items()) if _is_source(name)}
    return {name: text.replace(b"\r\n", b"\n") if name.endswith(".py") else text for name, text in contents.items()}


def _wanted(sources: Mapping[str, bytes], inputs: Inputs) -> dict[str, bytes]:
    """Sources without the pipelines that nobody wants. Raises PackagerError for an unknown one."""
    known = {module.split(".")[0] for module in _handlers(sources, inputs.source).values()}
    if unknown := set(inputs.pipelines) - known:
        raise PackagerError(f"{inputs.source} has no functions of {', '.join(sorted(unknown))}: {sorted(known)}")
    others = known - set(inputs.pipelines) if inputs.pipelines else set[str]()
    return {path: source for path, source in sources.items() if path.split("/")[0] not in others}


def _is_source(name: str) -> bool:
    parts = name.split("/")
    return "__pycache__" not in parts and not any(part.startswith(".") for part in parts)


def _handlers(sources: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """Function name → handler module: {"votes-receive": "votes.receive"}."""
    found = {}
    for path, source in sources.items():
        parts = path.removesuffix(".py").split("/")
        if path.endswith(".py") and len(parts) == 2:
            try:
                if has_handler(source):
                    found["-".join(parts).replace("_", "-")] = ".".join(parts)
            except SyntaxError as error:
                raise PackagerError(f"{folder / path}:{error.lineno}: {error.msg}") from None
    if not found:
        raise PackagerError(
            f"no function in {folder}: a function is a module <pipeline>/<function>.py with a top-level `handler`"
        )
    return found


def _fingerprint(target: Target, lock: Path, sources: Mapping[str, bytes]) -> str:
    """Changes with whatever can change a zip's bytes."""
    own = {f"tools/packager/{path.name}": path.read_bytes() for path in Path(__file__).parent.glob("*.py")}
    lock_text = lock.read_bytes() if lock.is_file() else b""
    digest = hashlib.sha256(repr((target, _built_with(), hashlib.sha256(lock_text).hexdigest())).encode())
    for group in (own, sources):
        for path, content in sorted(group.items()):
            digest.update(f"\n{path} {hashlib.sha256(content).hexdigest()}".encode())
    return digest.hexdigest()


def _built_with() -> dict[str, str]:
    return {"python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION}


def _standing(out: Path, fingerprint: str, of: str = "inputs") -> dict[str, Any] | None:
    """The manifest in `out` if it is of these inputs and every zip is as it says."""
    try:
        manifest: dict[str, Any] = json.loads((out / MANIFEST).read_bytes())
        recorded = {package["file"]: package["sha256"] for package in manifest["packages"].values()}
        found = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in recorded}
        same = manifest[of] == fingerprint and found == recorded
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # none yet, or not whole: build
        return None
    return manifest if same else None


def _edited(
    target: Target, inputs: Inputs, sources: Mapping[str, bytes], handlers: Mapping[str, str], out: Path
) -> dict[str, Any] | None:
    """What stands in `out`, with the sources as they are now; None where it has to be made anew."""
    manifest = _standing(out, _fingerprint(target, inputs.lock, {}), "made_with")
    if manifest is None or manifest["packages"].keys() != handlers.keys():
        return None
    edits = {name: quick.edit(out / one["file"], one["files"], sources) for name, one in manifest["packages"].items()}
    for name, files in edits.items():
        if files is None:
            return None
        if files:
            archive = edited((out / f"{name}.zip").read_bytes(), files)
            _write(out / f"{name}.zip", archive)
            manifest["packages"][name] |= _described(archive)
            manifest["packages"][name]["files"] |= _digests(files)
    return manifest


def _make(target: Target, handlers: Mapping[str, str], library: Library, out: Path, say: Say) -> dict[str, Any]:
    contents = {name: library.reached_from(module) for name, module in handlers.items()}
    compiled = _compiled(target, contents.values(), say)
    packages = {}
    for name, sources in contents.items():
        files = sources | {beside(path): compiled[beside(path)] for path in sources if beside(path) in compiled}
        archive = zipped(files)
        _write(out / f"{name}.zip", archive)
        packages[name] = _describe(f"{name}.zip", f"{handlers[name]}.handler", target, files, archive)
        say(f"{target.name}: {name}.zip {len(archive) / 1e6:.1f} MB, {len(files)} files")
    for stale in set(out.glob("*.zip")) - {out / f"{name}.zip" for name in packages}:
        stale.unlink(missing_ok=True)  # another packager may be at it too
    third_party = {wheel.name: wheel.version for wheel in library.wheels.values()}
    return {
        "format": MANIFEST_FORMAT,
        "target": target.name,
        "built_with": _built_with(),
        "third_party": third_party,
        "packages": packages,
    }


def _compiled(target: Target, contents: Iterable[Mapping[str, bytes]], say: Say) -> dict[str, bytes]:
    if not target.bytecode:
        say(
            f"{target.name}: sources only, cold starts compile them: "
            f"this Python is {THIS_PYTHON}, the runtime's {target.python}"
        )
        return {}
    files = chain.from_iterable(package.items() for package in contents)
    return bytecode({path: content for path, content in files if path.endswith(".py")})


def _describe(file: str, handler: str, target: Target, files: Mapping[str, bytes], archive: bytes) -> dict[str, Any]:
    return {
        "file": file,
        "handler": handler,
        **_described(archive),
        "python": target.python,
        "platform": target.platform,
        "bytecode": target.bytecode,
        "files": _digests(files),
    }


def _described(archive: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(archive)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        unpacked = sum(info.file_size for info in opened.infolist())
    return {
        "sha256": digest.hexdigest(),
        "sha256_base64": base64.b64encode(digest.digest()).decode(),
        "size": len(archive),
        "unpacked_size": unpacked,
    }


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())}


def _variables(manifest: Mapping[str, Any], out: Path) -> dict[str, Any]:
    return {
        "packages": {
            name: {"path": str((out / package["file"]).resolve()), "hash": package["sha256_base64"]}
            for name, package in manifest["packages"].items()
        }
    }


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, readable by all; a file that is already so stays untouched."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
