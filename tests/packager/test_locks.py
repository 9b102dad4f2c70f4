"""The locks agree with each other, carry hashes, and name no index and no machine."""

from __future__ import annotations

import re

import pytest

from packager.lock import LOCKS, REQUIREMENTS
from packager.target import TARGETS
from packager.wheels import wheels
from tests.packager.project import LOCK, ROOT


def locked(name: str) -> dict[str, list[str]]:
    """Requirement, with its marker, → hashes."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    return {block.split("\\")[0].strip(): re.findall(r"--hash=sha256:([0-9a-f]{64})", block) for block in blocks}


def test_every_list_has_a_lock() -> None:
    assert {path.stem for path in REQUIREMENTS.glob("*.in")} == {path.stem for path in REQUIREMENTS.glob("*.txt")} == set(LOCKS)


@pytest.mark.parametrize("name", LOCKS)
def test_everything_is_pinned_with_hashes(name: str) -> None:
    requirements = locked(name)
    assert requirements
    assert all("==" in requirement and hashes for requirement, hashes in requirements.items())


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_and_no_path_is_in_a_lock(name: str) -> None:
    for ending in ("in", "txt"):
        text = (REQUIREMENTS / f"{name}.{ending}").read_text(encoding="utf-8")
        assert not re.search(r"https?:|file:|index-url|find-links|(?<![\w.])/\w|\w:\\", text)


def test_one_virtual_environment_can_hold_functions_devcloud_and_dev() -> None:
    assert locked("functions").keys() < locked("devcloud").keys() < locked("dev").keys()


def test_boto3_comes_with_the_runtime() -> None:
    assert not [name for name in locked("functions") if name.startswith("boto")]
    assert "boto3==1.43.106" in locked("devcloud")


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_a_wheel_of_each_function_requirement(target: str) -> None:
    found = {f"{wheel.name}=={wheel.version}" for wheel in wheels(LOCK, TARGETS[target], ROOT / "build/wheels", lambda _: None)}
    assert found == set(locked("functions"))
