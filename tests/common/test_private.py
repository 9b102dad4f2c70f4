"""What is written for a run is its owner's alone, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.common import private
from tools.common.errors import run_command


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_files_and_folders(umask: int, tmp_path: Path) -> None:
    lax = tmp_path / "lax"
    lax.mkdir(mode=0o777)
    lax.chmod(0o777)
    folder = private.folder(lax / "build" / "local")
    private.write(folder / "state.json", "{}")
    (folder / "log").touch(0o666)
    (folder / "log").chmod(0o666)
    os.close(private.opened(folder / "log"))
    modes = {path.name: path.stat().st_mode & 0o777 for path in lax.rglob("*")}
    assert modes == {"build": 0o700, "local": 0o700, "state.json": 0o600, "log": 0o600}
    assert lax.stat().st_mode & 0o777 == 0o777, "what is somebody's already stays so"
    assert private.own(lax).stat().st_mode & 0o777 == 0o700


def test_a_command_writes_for_its_owner_alone(umask: int, tmp_path: Path) -> None:
    def work() -> int:
        (tmp_path / "plan").write_text("secret")
        return 0

    assert run_command("plan", work) == 0
    assert (tmp_path / "plan").stat().st_mode & 0o777 == 0o600
    assert os.umask(umask) == umask, "who called it has the umask that they had"


def test_remove_takes_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "within").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    for name in ("file", "link", "folder", "none"):
        private.remove(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
