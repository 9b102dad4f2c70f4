"""Third-party wheels: downloaded once by pip with the lock's hashes, kept, checked again at every use, read in memory."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from packager import PackagerError
from packager.target import Target

DOWNLOAD_SECONDS = 600
_PIP_OPTIONS = (
    *("--quiet", "--no-input", "--disable-pip-version-check", "--retries=2", "--timeout=30"),
    *("--require-hashes", "--only-binary=:all:", "--no-deps"),
)
_DATA_FOLDER = re.compile(r"^[^/]+\.data/([^/]+)/(.+)$")


@dataclass
class Wheel:
    """One distribution: its normalised `name`, `version`, the files it installs (path → bytes) and its metadata folder."""

    name: str
    version: str
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    dist_info: str = ""

    def requires(self) -> set[str]:
        """Normalised names of what it declares to need, extras aside."""
        metadata = self.files.get(f"{self.dist_info}/METADATA", b"").decode("utf-8").split("\n\n", 1)[0]
        lines = [line.partition(":")[2].strip() for line in metadata.splitlines() if line.startswith("Requires-Dist:")]
        return {normalise(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in lines if "extra ==" not in line}


def normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wheels(lock: Path, target: Target, cache: Path, say: Callable[[str], None]) -> list[Wheel]:
    """The wheels that `lock` (a hash-locked requirements file) names for `target`, from `cache` or else downloaded into it.

    Raises PackagerError when the lock has no hashes or differs by platform, and when pip cannot get a wheel.
    """
    count, hashes = _locked(lock)
    wanted = hashlib.sha256(lock.read_bytes() + repr(target.pip_options).encode()).hexdigest()
    folder = cache / f"python{target.python}-{target.platform}-{wanted[:16]}"
    if folder.is_dir() and not _sound(folder, count, hashes):
        say(f"wheels in {folder} are not what the lock names: fetching them again")
        shutil.rmtree(folder)
    if not folder.is_dir():
        say(f"downloading the wheels of {lock.name} for Python {target.python} on {target.platform} (once; kept in {folder})")
        _download(lock, target, folder)
    return [_read(path) for path in sorted(folder.glob("*.whl"))]


def _locked(lock: Path) -> tuple[int, set[str]]:
    """How many distributions the lock names, and the hashes that any file of them may have."""
    if not lock.is_file():
        raise PackagerError(f"{lock} is not there: make it with `make lock`")
    text = lock.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        # pip would answer markers for this machine, not for the target.
        if ";" in line.split("#")[0]:
            raise PackagerError(f"{lock}:{number}: {line.strip()} depends on the machine: pin one version for all in functions.in")
    return len(re.findall(r"^[A-Za-z0-9][^\s#]*==", text, re.MULTILINE)), set(re.findall(r"--hash=sha256:([0-9a-f]{64})", text))


def _sound(folder: Path, count: int, hashes: set[str]) -> bool:
    found = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.whl")}
    return len(found) == count and found <= hashes


def _download(lock: Path, target: Target, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".download-") as part:
        command = [sys.executable, "-m", "pip", "download", *_PIP_OPTIONS, *target.pip_options, "--requirement", str(lock), "--dest", part]
        try:
            done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=DOWNLOAD_SECONDS)
        except subprocess.TimeoutExpired:
            raise PackagerError(f"pip did not get the wheels of {lock.name} in {DOWNLOAD_SECONDS} s: {_ADVICE['connection']}") from None
        if done.returncode:
            wanted = f"{lock.name} for Python {target.python} on {target.platform}"
            raise PackagerError(f"pip cannot get the wheels of {wanted}:\n{_explain(done.stderr)}")
        complete = Path(part) / "complete"
        complete.mkdir()
        for wheel in Path(part).glob("*.whl"):
            wheel.rename(complete / wheel.name)
        try:
            complete.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another packager was faster, with the same wheels
                raise


_ADVICE = {
    "connection": "no package index was reached; check the network and pip's own configuration (`pip config list`)",
    "no matching distribution": "no wheel for this target, and none is built here: choose a version with one in functions.in, `make lock`",
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


def _read(path: Path) -> Wheel:
    name, version = path.name.split("-")[:2]
    wheel = Wheel(name=normalise(name), version=version)
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            place = info.filename
            if inside := _DATA_FOLDER.match(place):
                if inside[1] not in ("purelib", "platlib"):  # scripts and headers are for installed environments
                    continue
                place = inside[2]
            wheel.files[place] = archive.read(info)
            if place.endswith(".dist-info/METADATA"):
                wheel.dist_info = place.rpartition("/")[0]
    return wheel
