"""This project's own zips: they import with boto3 alone beside them, and hold nothing idle.

They come out the same anywhere.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.packager.project import LOCK, ROOT
from tests.support.plan import environment, plan, resources
from tools.environment.names import PIPELINES
from tools.packager.build import functions
from tools.packager.closure import NEVER_PACKAGED, RUNTIME, module_name
from tools.packager.target import LAMBDA_PYTHON, TARGETS, THIS_PYTHON
from tools.packager.wheels import wheels

FUNCTIONS = sorted(functions(ROOT / "lambda_src"))
OURS = {path.name for path in (ROOT / "lambda_src").iterdir()}
MOST_BYTES = 5_000_000
LARGER = {"receipts-read": 20_000_000, "receipts-deliver": 11_000_000}  # decoders, and a driver of PostgreSQL
AARCH64 = 183  # e_machine in an ELF header

Packages = Callable[[str], tuple[Path, dict[str, Any]]]

# Takes sys.path's additions and module names; prints those that do not import, with the kind of
# error and the module that was missed.
IMPORT_ALL = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
folders, names = json.loads(sys.stdin.read())
sys.path[:0] = folders
failed = {}
for name in names:
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {getattr(error, 'name', None)}"
print(json.dumps(failed))
"""


@pytest.fixture(scope="session")
def boto3_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for sys.path with boto3 and what it brings, as the runtime has them, alone."""
    folder = tmp_path_factory.mktemp("boto3")
    for name in RUNTIME:
        spec = importlib.util.find_spec(name)
        assert spec
        assert spec.origin
        origin = Path(spec.origin)
        path = origin.parent if origin.name == "__init__.py" else origin
        (folder / path.name).symlink_to(path)
    return folder


def unpack(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder


def failing(names: list[str], *folders: Path) -> dict[str, str]:
    """Which of the modules do not import in a clean process, and why.

    It has the standard library and `folders`, no environment, nothing installed.
    """
    request = json.dumps([list(map(str, folders)), names])
    command = [sys.executable, "-I", "-S", "-B", "-c", IMPORT_ALL]
    done = subprocess.run(command, input=request, env={}, text=True, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_there_is_a_zip_for_each_function(packages: Packages, target: str) -> None:
    folder, manifest = packages(target)
    planned = resources(plan("prod"), "aws_lambda_function").values()
    made = {f"sluice-prod-{name}" for name in manifest["packages"]}
    assert made >= {one["function_name"] for one in planned}
    named = {name for name in made if name.split("-")[2] in PIPELINES}
    assert named == {one["function_name"] for one in planned}
    assert {path.stem for path in folder.glob("*.zip")} == set(FUNCTIONS)
    sizes = {name: package["size"] for name, package in manifest["packages"].items()}
    assert {name: size for name, size in sizes.items() if size >= LARGER.get(name, MOST_BYTES)} == {}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_zip_imports_with_boto3_alone_beside_it(
    packages: Packages, function: str, boto3_alone: Path, tmp_path: Path
) -> None:
    folder, manifest = packages("local")
    unpacked = unpack(folder / f"{function}.zip", tmp_path / "zip")
    handler = manifest["packages"][function]["handler"].rpartition(".")[0]
    ours = [
        name
        for name in map(module_name, manifest["packages"][function]["files"])
        if name and name.split(".")[0] in OURS
    ]
    assert handler in ours
    assert failing([handler, *ours], unpacked, boto3_alone) == {}


def test_no_import_in_a_zip_fails_that_would_not_fail_with_everything_installed(
    packages: Packages, boto3_alone: Path, tmp_path: Path
) -> None:
    """Proves the pruning.

    Each module that was kept finds in the zip whatever it would find of the locked distributions.
    """
    folder, manifest = packages("local")
    unpacked = unpack(folder / "votes-write.zip", tmp_path / "zip")
    names = sorted(filter(None, map(module_name, manifest["packages"]["votes-write"]["files"])))
    whole = tmp_path / "whole"
    for wheel in wheels(LOCK, TARGETS["local"], ROOT / "build/wheels", lambda _: None):
        for path, content in wheel.files.items():
            (whole / path).parent.mkdir(parents=True, exist_ok=True)
            (whole / path).write_bytes(content)
    assert len(names) > 100
    assert failing(names, unpacked, boto3_alone) == failing(names, ROOT / "lambda_src", whole, boto3_alone)


@pytest.mark.parametrize("target", TARGETS)
def test_a_zip_holds_nothing_idle_and_nothing_of_the_runtime(packages: Packages, target: str) -> None:
    _, manifest = packages(target)
    files = {name: set(package["files"]) for name, package in manifest["packages"].items()}
    held = {name: set(filter(None, map(module_name, paths))) for name, paths in files.items()}
    assert not held["votes-receive"] & {
        "votes.journal",
        "votes.tallies",
        "votes.write",
        "votes.tally",
        "shared.quarantine",
    }
    assert not held["votes-results"] & {"votes.journal", "votes.receive", "votes.process", "votes.write"}
    assert "votes.journal" in held["votes-write"] & held["votes-tally"]
    for name, modules in held.items():
        assert not {module.split(".")[0] for module in modules} & NEVER_PACKAGED, name
        assert "aws_lambda_powertools.utilities.parser" not in modules
        assert {"jmespath", "pydantic_core._pydantic_core"} <= modules
    in_any = set().union(*files.values())
    assert not [path for path in in_any if path.endswith((".js", ".css"))]
    assert "aws_lambda_powertools/event_handler/openapi/swagger_ui/html.py" in in_any, (
        "what would use them is imported with its package"
    )


STARTED = """
import gc, json, sys
folders, name = json.loads(sys.stdin.read())
sys.path[:0] = folders
seen = []
gc.callbacks.append(lambda phase, info: seen.append(phase))
__import__(f"votes.{name}")
print(json.dumps([gc.isenabled(), gc.get_freeze_count() > 10_000, len(seen)]))
"""


@pytest.mark.parametrize("on_lambda", [True, False])
def test_a_start_on_lambda_collects_no_garbage_and_the_function_does(
    packages: Packages, boto3_alone: Path, tmp_path: Path, *, on_lambda: bool
) -> None:
    folder, _ = packages("local")
    folders = [str(unpack(folder / "votes-results.zip", tmp_path / "zip")), str(boto3_alone)]
    planned = environment(plan("prod"), "results") | {"AWS_DEFAULT_REGION": "us-east-1"}
    command = [sys.executable, "-S", "-B", "-c", STARTED]
    variables = planned | ({"AWS_LAMBDA_FUNCTION_NAME": "f"} if on_lambda else {})
    request = json.dumps([folders, "results"])
    done = subprocess.run(
        command, input=request, env=variables, text=True, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    collects, frozen, collected = json.loads(done.stdout)
    assert collects, "a worker that never collects grows until it dies"
    assert frozen is on_lambda
    assert (collected <= 2) is on_lambda


# What Powertools imports late, in the middle of a run: event_handler, with its Swagger UI, to turn
# a model into a dictionary.
LATE = """
import json, sys
sys.path[:0] = json.loads(sys.stdin.read())
from aws_lambda_powertools.shared.functions import pydantic_to_dict
from pydantic import BaseModel
from shared import logs
class Seen(BaseModel):
    number: int
logs.logger().info("seen", extra=pydantic_to_dict(Seen(number=7)))
logs.count({"Seen": 1})
"""


def test_a_zip_does_late_what_it_imports_late(packages: Packages, boto3_alone: Path, tmp_path: Path) -> None:
    folder, _ = packages("local")
    folders = [str(unpack(folder / "votes-write.zip", tmp_path / "zip")), str(boto3_alone)]
    variables = {"POWERTOOLS_SERVICE_NAME": "s", "POWERTOOLS_METRICS_NAMESPACE": "n"}
    command = [sys.executable, "-I", "-S", "-B", "-c", LATE]
    done = subprocess.run(
        command, input=json.dumps(folders), env=variables, text=True, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    line, metric = map(json.loads, done.stdout.splitlines())
    assert (line["message"], line["number"]) == ("seen", 7)
    assert metric["Seen"] == [1.0]


def test_the_lambda_zips_are_for_the_runtime(packages: Packages) -> None:
    folder, manifest = packages("lambda")
    for package in manifest["packages"].values():
        libraries = [path for path in package["files"] if ".libs/" in path or path.endswith("libpdfium.so")]
        extensions = [path for path in package["files"] if path.endswith(".so") and path not in libraries]
        assert extensions
        assert all(
            path.endswith(f".cpython-{LAMBDA_PYTHON.replace('.', '')}-aarch64-linux-gnu.so") for path in extensions
        )
        with zipfile.ZipFile(folder / package["file"]) as archive:
            assert {int.from_bytes(archive.read(path)[18:20], "little") for path in [*extensions, *libraries]} == {
                AARCH64
            }
        assert (package["python"], package["platform"]) == ("3.13", "manylinux2014_aarch64")


@pytest.mark.parametrize("target", TARGETS)
def test_bytecode_lies_beside_every_source_or_nowhere(packages: Packages, target: str) -> None:
    _, manifest = packages(target)
    compiles = TARGETS[target].python == THIS_PYTHON
    for package in manifest["packages"].values():
        sources = [path for path in package["files"] if path.endswith(".py")]
        compiled = [path for path in package["files"] if path.endswith(".pyc")]
        assert package["bytecode"] is compiles
        assert len(compiled) == (len(sources) if compiles else 0)
        assert all("/__pycache__/" in f"/{path}" and sys.implementation.cache_tag in path for path in compiled)


def test_bytecode_is_what_runs(packages: Packages, boto3_alone: Path, tmp_path: Path) -> None:
    folder, _ = packages("local")
    unpacked = unpack(folder / "votes-receive.zip", tmp_path / "zip")
    for path in unpacked.rglob("*.py"):
        path.write_text("raise SystemExit('the source was compiled')\n", encoding="utf-8")
    assert failing(["votes.receive"], unpacked, boto3_alone) == {}


@pytest.mark.parametrize("target", TARGETS)
def test_another_folder_umask_time_zone_and_home_give_the_same_bytes(
    packages: Packages, target: str, tmp_path: Path
) -> None:
    folder, manifest = packages(target)
    other = tmp_path / "some where else"
    for part in ("tools/packager", "lambda_src"):
        shutil.copytree(ROOT / part, other / part, ignore=shutil.ignore_patterns("__pycache__"))
    (other / "requirements").mkdir()
    shutil.copy(LOCK, other / "requirements")
    for path in (other / "lambda_src").rglob("*.py"):
        path.chmod(0o700)
        os.utime(path, (0, 0))
    command = [sys.executable, "-m", "tools.packager", "--target", target, "--wheels", str(ROOT / "build/wheels")]
    environment = {
        "TZ": "Pacific/Kiritimati",
        "HOME": str(other),
        "PYTHONHASHSEED": "7",
        "LC_ALL": "C",
        "PATH": os.environ["PATH"],
    }
    subprocess.run(command, cwd=other, env=environment, umask=0o077, check=True, capture_output=True, timeout=300)
    made = {path.name: path.read_bytes() for path in (other / "build/packages" / target).glob("*.zip")}
    assert made == {path.name: path.read_bytes() for path in folder.glob("*.zip")}
    assert json.loads((other / "build/packages" / target / "manifest.json").read_bytes()) == manifest
    assert not [
        name for name, content in made.items() if str(other).encode() in content or str(ROOT).encode() in content
    ]
