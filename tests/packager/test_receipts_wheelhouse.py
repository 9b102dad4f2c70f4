"""The agent's wheelhouse: what is in it, and that a site installs it without a network."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

from receipts.agent import config
from tests.packager.test_locks import locked, names_in
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.packager.receipts import wheelhouse
from tools.packager.target import THIS_PYTHON

PAGE = (ROOT / "docs/receipts/agent.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
OURS = {"receipts", "shared", "sluice_agent-0.1.0.dist-info"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for this machine."""
    return wheelhouse.build(wheelhouse.target_of("here", ""), tmp_path_factory.mktemp("agent"), lambda _: None)


def wheel_of(folder: Path) -> zipfile.ZipFile:
    """Our wheel."""
    (path,) = (folder / "wheels").glob("sluice_agent-*.whl")
    return zipfile.ZipFile(path)


def test_our_wheel_has_what_the_agent_reaches_and_no_more(folder: Path) -> None:
    names = set(wheel_of(folder).namelist())
    assert {name.split("/")[0] for name in names} == OURS
    assert {"receipts/agent/__main__.py", "receipts/delivery/lane.py", "receipts/delivery/postgres.sql"} <= names
    assert [name for name in names if re.search(r"ledger|deliver\.py|settle|split|image|dynamo", name)] == []


def test_every_wheel_is_locked_and_required_by_its_hash(folder: Path) -> None:
    required = dict(
        re.findall(r"^(\S+) --hash=sha256:([0-9a-f]{64})$", (folder / "requirements.txt").read_text(), re.MULTILINE)
    )
    wheels = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "wheels").iterdir()}
    assert set(required.values()) == wheels
    lock = locked("agent")
    assert set(required) - set(lock) == {"sluice-agent==0.1.0"}
    assert all(required[name] in lock[name] for name in lock)


def test_the_lock_is_the_functions_where_both_have_a_package() -> None:
    """It runs the loop that deliver runs, on what deliver has; no runtime brings boto3 there."""
    functions = set(locked("functions"))
    assert {name for name in locked("agent") if name.split("==")[0] in names_in("functions")} <= functions
    assert set(locked("agent")) < set(locked("dev"))
    assert "boto3" in names_in("agent")


def test_the_sums_name_every_file(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    told = {name: digest for digest, name in (line.split("  ") for line in lines)}
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    del there["SHA256SUMS"]
    assert told == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    assert {"agent.md", "agent.toml", "aws.config", "install.sh", "sluice-agent.service", "table.sql"} <= set(told)


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        again = wheelhouse.build(wheelhouse.target_of("here", ""), tmp_path, lambda _: None)
    finally:
        os.umask(before)
    assert Path(f"{again}.tar").read_bytes() == Path(f"{folder}.tar").read_bytes()
    with tarfile.open(f"{folder}.tar") as archive:
        assert {(one.uid, one.mode) for one in archive} == {(0, 0o644), (0, 0o755)}


def test_its_configuration_fits_once_it_is_filled_in(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "agent.toml").write_bytes((folder / "agent.toml").read_bytes())
    assert config.load(tmp_path / "agent.toml").lane == "agent-warehouse"
    shown = tomllib.loads((folder / "agent.toml").read_text())
    for table, model in (("aws", config.Aws), ("database", config.Database)):
        assert set(shown[table]) <= set(model.model_fields)
        assert [name for name in model.model_fields if name not in PAGE] == [], "docs/receipts/agent.md tells of all"


def test_its_unit_ends_it_after_its_commit_and_lets_it_do_little(folder: Path) -> None:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign] # names as they are
    unit.read(folder / "sluice-agent.service")
    service = unit["Service"]
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"]) > 20 + 7, "a poll, or an answer of the database's"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["User"]) == ("yes", "strict", "sluice-agent")
    assert service["ExecStart"].split()[1:4] == ["-m", "receipts.agent", "run"]


@pytest.mark.parametrize(("site", "python"), [("windows", "3.12"), ("linux-arm64", "3.9")])
def test_a_site_that_is_none_is_refused(site: str, python: str) -> None:
    with pytest.raises(CommandError, match=r"SITE is one of linux-x86_64, linux-arm64, here; SITE_PYTHON one of 3\.11"):
        wheelhouse.target_of(site, python)


@pytest.mark.slow
def test_a_site_installs_it_by_the_page_without_a_network(folder: Path, tmp_path: Path) -> None:
    """The page's commands, but for the first, which makes what the fixture has made."""
    packed, unpacked = BLOCKS
    assert packed == "make agent-wheelhouse SITE=here\n"
    (tmp_path / f"{folder.name}.tar").write_bytes(Path(f"{folder}.tar").read_bytes())
    agent = tmp_path / "installed"
    environment = {"PATH": os.environ["PATH"], "AGENT": str(agent), "PYTHON": f"python{THIS_PYTHON}"}
    environment |= {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "HOME": str(tmp_path)}
    said = subprocess.run(
        ["sh", "-eu", "-c", unpacked], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.endswith("sluice-agent 0.1.0\n")
    unfit = [str(agent / "bin/sluice-agent"), "check", "--config", str(tmp_path / "none.toml")]
    checked = subprocess.run(unfit, capture_output=True, text=True, check=False, timeout=60, env={})
    assert checked.returncode == 2, checked.stderr
    assert "is the path right" in checked.stderr
    unreached = [str(agent / "bin/sluice-agent"), "check", "--config", str(folder / "agent.toml")]
    proxied = {"HTTPS_PROXY": "http://127.0.0.1:1", "AWS_EC2_METADATA_DISABLED": "true"}
    checked = subprocess.run(unreached, capture_output=True, text=True, check=False, timeout=60, env=proxied)
    assert checked.returncode == 1, checked.stderr
    assert "the proxy does not answer" in checked.stdout
    assert "sqs.eu-central-1.amazonaws.com:443  the two queues" in checked.stdout
