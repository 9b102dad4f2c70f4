"""Third-party wheels: downloaded once by pip with the lock's hashes, and kept.

They are checked again at every use, and read in memory.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.metadata import parse_email
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.packager import PackagerError
from tools.packager.target import Target

DOWNLOAD_SECONDS = 600
_PIP_OPTIONS = (
    *("--quiet", "--no-input", "--disable-pip-version-check", "--retries=2", "--timeout=30"),
    *("--require-hashes", "--only-binary=:all:", "--no-deps"),
)
_DATA_FOLDER = re.compile(r"^[^/]+\.data/([^/]+)/(.+)$")


@dataclass
class Wheel:
    """One distribution: its normalised `name`, its `version`, and the files that it installs.

    `files`: path → bytes; `dist_info`: the folder of its metadata.
    """

    name: str
    version: str
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    dist_info: str = ""

    def requires(self, markers: Mapping[str, str]) -> set[str]:
        """Normalised names of what it declares to need where environment markers are so.

        What only an extra of it needs is not among them.
        """
        metadata, _ = parse_email(self.files.get(f"{self.dist_info}/METADATA", b""))
        declared = map(Requirement, metadata.get("requires_dist", ()))
        there = {**markers, "extra": ""}
        return {canonicalize_name(one.name) for one in declared if one.marker is None or one.marker.evaluate(there)}


def wheels(lock: Path, target: Target, cache: Path, say: Callable[[str], None]) -> list[Wheel]:
    """The wheels that `lock` (a hash-locked requirements file) names for `target`, as `files`."""
    return [_read(path) for path in files(lock, target, cache, say)]


def files(lock: Path, target: Target, cache: Path, say: Callable[[str], None]) -> list[Path]:
    """The files of the wheels that `lock` names for `target`, sorted.

    They come from `cache`, or else are downloaded into it. Raises PackagerError when the lock has
    no hashes or differs by platform, and when pip cannot get a wheel.
    """
    count, hashes = _locked(lock)
    digest = hashlib.sha256(lock.read_bytes() + repr(target.pip_options).encode()).hexdigest()
    folder = cache / f"python{target.python}-{target.platform}-{digest[:16]}"
    if folder.is_dir() and not _sound(folder, count, hashes):
        say(f"wheels in {folder} are not what the lock names: fetching them again")
        shutil.rmtree(folder)
    if not folder.is_dir():
        wanted = f"the wheels of {lock.name} for Python {target.python} on {target.platform}"
        say(f"downloading {wanted} (once; kept in {folder})")
        _download(lock, target, folder)
    return sorted(folder.glob("*.whl"))


def _locked(lock: Path) -> tuple[int, set[str]]:
    """How many distributions the lock names, and the hashes that any file of them may have."""
    if not lock.is_file():
        raise PackagerError(f"{lock} is not there: make it with `make lock`")
    text = lock.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        # pip would answer markers for this machine, not for the target.
        if ";" in line.split("#")[0]:
            raise PackagerError(
                f"{lock}:{number}: {line.strip()} depends on the machine: pin one version for all in functions.in"
            )
    names = re.findall(r"^[A-Za-z0-9][^\s#]*==", text, re.MULTILINE)
    hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", text)
    return len(names), set(hashes)


def _sound(folder: Path, count: int, hashes: set[str]) -> bool:
    """Whether a folder holds as many wheels as were locked, each with a locked hash."""
    kept = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.whl")}
    return len(kept) == count and kept <= hashes


def _download(lock: Path, target: Target, folder: Path) -> None:
    """Have pip download what the lock names into `folder`, all of it or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".download-") as part:
        _run_pip(lock, target, part)
        complete = Path(part) / "complete"
        complete.mkdir()
        for wheel in Path(part).glob("*.whl"):
            wheel.rename(complete / wheel.name)
        try:
            complete.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another packager was faster, with the same wheels
                raise


def _run_pip(lock: Path, target: Target, destination: str) -> None:
    options = [*_PIP_OPTIONS, *target.pip_options, f"--requirement={lock}", f"--dest={destination}"]
    command = [sys.executable, "-m", "pip", "download", *options]
    try:
        done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=DOWNLOAD_SECONDS)
    except subprocess.TimeoutExpired:
        raise PackagerError(
            f"pip did not get the wheels of {lock.name} in {DOWNLOAD_SECONDS} s: {_ADVICE['connection']}"
        ) from None
    if done.returncode:
        wanted = f"{lock.name} for Python {target.python} on {target.platform}"
        raise PackagerError(f"pip cannot get the wheels of {wanted}:\n{_explain(done.stderr)}")


_ADVICE = {
    "connection": "no package index was reached; check the network and pip's own configuration (`pip config list`)",
    "no matching distribution": (
        "no wheel for this target, and none is built here: choose a version with one in functions.in, `make lock`"
    ),
    "hashes are required": "the lock has requirements without a hash: make it with `make lock`",
    "hash": "what the index gave is not what was locked: find out why before you `make lock`",
    "no module named pip": "this Python has no pip: run the packager by `make package`",
}


def _explain(stderr: str) -> str:
    lines = [line for line in stderr.strip().splitlines() if line.strip()]
    text = stderr.lower()
    order = ("no module named pip", "connection", "hashes are required", "hash", "no matching distribution")
    advice = next((_ADVICE[sign] for sign in order if sign in text), "pip's words above say why")
    return "\n".join(f"  {line}" for line in lines[-6:]) + f"\n{advice}"


def _read(file: Path) -> Wheel:
    name, version = file.name.split("-")[:2]
    wheel = Wheel(name=canonicalize_name(name), version=version)
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            path = info.filename
            if inside := _DATA_FOLDER.match(path):
                # scripts and headers are for installed environments
                if inside[1] not in ("purelib", "platlib"):
                    continue
                path = inside[2]
            wheel.files[path] = archive.read(info)
            if path.endswith(".dist-info/METADATA"):
                wheel.dist_info = path.rpartition("/")[0]
    return wheel
