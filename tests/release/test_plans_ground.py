"""On AWS an environment's Terraform runs as it is: the real provider, its own backend, nobody's keys but the caller's."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from devcloud import plan, terraform
from devcloud.runs import LocalCloudError
from release.ground import Ground
from tests.release.plans_world import repository

Run = tuple[Sequence[str], Mapping[str, object] | None, Mapping[str, str]]


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return repository(tmp_path / "project").ground


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """The runs of Terraform, none of which happens."""
    seen: list[Run] = []

    def run(args: Sequence[str], _: Path, reattach: Mapping[str, object] | None = None, **how: Any) -> subprocess.CompletedProcess[str]:
        seen.append((args, reattach, how["extra"]))
        return subprocess.CompletedProcess(args, 0, "", "")

    monkeypatch.setattr(terraform, "run", run)
    return seen


def test_on_aws_nothing_stands_in_for_anything(ground: Ground, runs: list[Run]) -> None:
    with ground.terraform(b"# of the plan\n") as there:
        held = {path.name for path in there.folder.iterdir()}
        assert held == {"main.tf", "variables.tf", "sizing.tf", "backend.tf", terraform.LOCK}
        assert (there.folder / "backend.tf").read_text() == (ground.folder / "backend.tf").read_text()
        assert (there.folder / terraform.LOCK).read_text() == "# of the plan\n"
    assert runs == [(("init", "-input=false", "-lockfile=readonly"), None, {})]
    assert ground.target == "lambda"
    assert not (ground.folder / terraform.LOCK).exists(), "nothing is written beside the sources, or no tree would be clean"


def test_what_stands_in_for_aws_is_on_this_machine(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://aws.example.com")
    assert (ground.endpoint, ground.target) == (None, "lambda")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert (ground.endpoint, ground.target) == ("http://127.0.0.1:4566", "local")


def test_without_credentials_it_says_what_is_missing(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "why_offline", lambda _: "because there are no AWS credentials")
    with pytest.raises(LocalCloudError, match="needs the account of dev, which is not reached because there are no AWS credentials"):
        ground.guard()
    with pytest.raises(LocalCloudError, match="make up"):
        Ground("local", ground.root).guard()
    with pytest.raises(LocalCloudError, match="ENV="):
        Ground("nowhere", ground.root)
