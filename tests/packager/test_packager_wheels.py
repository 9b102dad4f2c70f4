"""Third-party wheels: by hash, kept, checked again, and clear words when they cannot be had."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tools.packager import PackagerError
from tools.packager.target import TARGETS
from tools.packager.wheels import wheels

LOCAL = TARGETS["local"]


def quiet(_: str) -> None:
    pass


@pytest.fixture
def kept(small_wheels: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """The small lock and a cache of its own with its wheels."""
    lock, cache = small_wheels
    shutil.copytree(cache, tmp_path / "wheels")
    return lock, tmp_path / "wheels"


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing answers on port 1."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)


@pytest.mark.usefixtures("no_index")
def test_kept_wheels_need_no_index(kept: tuple[Path, Path]) -> None:
    assert [wheel.name for wheel in wheels(kept[0], LOCAL, kept[1], quiet)] == ["jmespath"]


@pytest.mark.usefixtures("no_index")
def test_an_index_out_of_reach_is_said(kept: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(PackagerError, match="no package index was reached"):
        wheels(kept[0], LOCAL, tmp_path / "none yet", quiet)
    assert not list((tmp_path / "none yet").iterdir()), "a half-made folder would pass for a whole one"


def test_a_spoiled_wheel_is_fetched_again(kept: tuple[Path, Path]) -> None:
    for wheel in kept[1].rglob("*.whl"):
        wheel.write_bytes(b"spoiled")
    said: list[str] = []
    assert wheels(kept[0], LOCAL, kept[1], said.append)[0].files["jmespath/__init__.py"]
    assert "are not what the lock names" in said[0]


def test_another_content_than_was_locked_is_refused(kept: tuple[Path, Path], tmp_path: Path) -> None:
    lock = tmp_path / "functions.txt"
    lock.write_text(re.sub(r"sha256:[0-9a-f]{4}", "sha256:0000", kept[0].read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(PackagerError, match="not what was locked"):
        wheels(lock, LOCAL, kept[1], quiet)


def test_a_requirement_by_machine_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "functions.txt"
    lock.write_text("jmespath==1.1.0 ; sys_platform == 'linux' \\\n    --hash=sha256:00\n", encoding="utf-8")
    with pytest.raises(PackagerError, match=r"functions\.txt:1: .* depends on the machine"):
        wheels(lock, LOCAL, tmp_path, quiet)


def test_a_lock_without_hashes_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "functions.txt"
    lock.write_text("jmespath==1.1.0\n", encoding="utf-8")
    with pytest.raises(PackagerError, match="requirements without a hash"):
        wheels(lock, LOCAL, tmp_path / "wheels", quiet)
