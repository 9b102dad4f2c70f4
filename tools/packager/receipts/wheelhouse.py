"""`make agent-wheelhouse`: what a site needs to install the agent of receipts without a network.

A folder, and the same as one file: the agent's own wheel with just the modules that it reaches,
the locked wheels for the site's Python and machine, `requirements.txt` with the hash of each,
`install.sh`, a systemd unit, a configuration to fill in, the database's table, and SHA256SUMS.
The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.common.commands import CommandParser
from tools.common.errors import CommandError
from tools.common.paths import BUILD, ROOT
from tools.packager import PackagerError
from tools.packager.build import sources_of
from tools.packager.closure import NEVER_PACKAGED, Library
from tools.packager.target import Target, linux, local
from tools.packager.wheels import files, wheels

AGENT = "receipts.agent.__main__"
NAME = "sluice-agent"
LOCK = ROOT / "requirements/agent.txt"
SITE = Path(__file__).with_name("site")
TABLE = "receipts/delivery/postgres.sql"
MACHINES = {"linux-x86_64": "x86_64", "linux-arm64": "aarch64"}
PYTHONS = ("3.11", "3.12", "3.13")
EPOCH = 315_532_800  # 1980-01-01, the first day that a zip knows
BUILD_SECONDS = 120

Say = Callable[[str], None]


def target_of(site: str, python: str) -> Target:
    """The Python of a site: "linux-x86_64", "linux-arm64", or "here". Raises CommandError."""
    if site == "here":
        return local()
    if site not in MACHINES or python not in PYTHONS:
        raise CommandError(
            f"SITE={site} SITE_PYTHON={python}: SITE is one of {', '.join(MACHINES)}, here; "
            f"SITE_PYTHON one of {', '.join(PYTHONS)}"
        )
    return linux(site, python, MACHINES[site])


def build(target: Target, out: Path, say: Say, cache: Path = BUILD / "wheels") -> Path:
    """Make the folder of a target in `out`, and its tar file beside it; return the folder.

    Raises PackagerError.
    """
    version = _version()
    folder = out / f"{NAME}-{version}-{target.platform}-python{target.python}"
    shutil.rmtree(folder, ignore_errors=True)
    house = folder / "wheels"
    house.mkdir(parents=True)
    for wheel in files(LOCK, target, cache, say):
        shutil.copyfile(wheel, house / wheel.name)
    ours = _ours(target, cache, say)
    _wheel(ours, version, house)
    (folder / "requirements.txt").write_text(_requirements(house))
    (folder / "table.sql").write_bytes(ours[TABLE])
    for part in SITE.iterdir():
        shutil.copy(part, folder)
    shutil.copy(ROOT / "docs/receipts/agent.md", folder)
    (folder / "SHA256SUMS").write_text(_sums(folder))
    _tar(folder)
    return folder


def for_each_site(out: Path, say: Say) -> list[Path]:
    """The tar file of each Python on each machine, in `out`: what a release hands out.

    Raises PackagerError.
    """
    made = []
    for target in (target_of(site, python) for site in MACHINES for python in PYTHONS):
        folder = build(target, out, say)
        made.append(_tar_of(folder))
        shutil.rmtree(folder)  # all of it is in the tar
    return made


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def _ours(target: Target, cache: Path, say: Say) -> dict[str, bytes]:
    """Our modules that the agent reaches, with the data beside them."""
    sources = sources_of(ROOT / "lambda_src")
    others = [wheel for wheel in wheels(LOCK, target, cache, say) if wheel.name not in _BROUGHT]
    reached = Library(sources, others, target.markers).reached_from(AGENT)
    return {path: content for path, content in reached.items() if path in sources}


# Distributions that bring what the closure takes for the runtime's.
_BROUGHT = NEVER_PACKAGED | {"python-dateutil"}


def _wheel(ours: Mapping[str, bytes], version: str, house: Path) -> None:
    """Our wheel, built by setuptools into the house."""
    packages = sorted({path.rpartition("/")[0].replace("/", ".") for path in ours if path.endswith("/__init__.py")})
    project = (
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        f'[project]\nname = "{NAME}"\nversion = "{version}"\nrequires-python = ">=3.11"\nlicense = "Apache-2.0"\n'
        f'[project.scripts]\n{NAME} = "{AGENT}:main"\n'
        f'[tool.setuptools]\npackages = {json.dumps(packages)}\n[tool.setuptools.package-data]\n"*" = ["*"]\n'
    )
    with tempfile.TemporaryDirectory() as scratch:
        for path, content in {**ours, "pyproject.toml": project.encode()}.items():
            (file := Path(scratch, path)).parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            file.chmod(0o644)
        code = f"from setuptools import build_meta; build_meta.build_wheel({str(house)!r})"
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=scratch, env=environment, umask=0o022, capture_output=True, text=True,
            check=False, timeout=BUILD_SECONDS,
        )  # fmt: skip
    if done.returncode:
        raise PackagerError(f"setuptools did not build the agent's wheel:\n{done.stderr.strip()[-2_000:]}")


def _requirements(house: Path) -> str:
    """Each wheel of the house, by its version and its hash."""
    lines = []
    for wheel in sorted(house.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        lines.append(f"{name.replace('_', '-')}=={version} --hash=sha256:{_hash(wheel)}\n")
    return "".join(lines)


def _sums(folder: Path) -> str:
    """What `sha256sum --check` reads."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(f"{_hash(path)}  {path.relative_to(folder).as_posix()}\n" for path in found)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _tar(folder: Path) -> Path:
    """The folder as one file; owner, time and order are always the same. Wheels are packed."""
    made = _tar_of(folder)
    with tarfile.open(made, mode="w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = tarfile.TarInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}")
            info.size, info.mtime = path.stat().st_size, EPOCH
            info.mode = 0o755 if path.suffix == ".sh" else 0o644
            with path.open("rb") as content:
                archive.addfile(info, content)
    return made


def _tar_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.tar")


def main() -> int:
    """Build it and say where it is. The exit code is 1 when it could not be built."""
    parser = CommandParser(prog="agent-wheelhouse", description=__doc__)
    parser.add_variable("SITE", default="linux-x86_64", about="linux-x86_64, linux-arm64, or here: this machine's")
    parser.add_variable("SITE_PYTHON", default="3.12", about="the Python of the site: 3.11, 3.12 or 3.13")
    parser.set_defaults(work=_build)
    return parser.run()


def _build(options: argparse.Namespace) -> int:
    try:
        folder = build(target_of(options.site, options.site_python), BUILD / "agent", print)
    except PackagerError as error:
        raise CommandError(str(error)) from error
    made = _tar_of(folder)
    size = made.stat().st_size / 1_000_000
    print(f"{made}: {size:.1f} MB; on the site: unpack, sha256sum --check SHA256SUMS, ./install.sh")
    return 0


if __name__ == "__main__":
    sys.exit(main())
