"""On AWS an environment's Terraform runs as it is.

The real provider, its own backend, nobody's keys but the caller's.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.plans_world import repository
from tools.common.errors import CommandError
from tools.common.loopback import TOKEN_VARIABLE
from tools.deploy.target import Target
from tools.environment import reach, terraform

Run = tuple[Sequence[str], Mapping[str, object] | None, Mapping[str, str]]


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return repository(tmp_path / "project").target


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """The runs of Terraform, none of which happens."""
    seen: list[Run] = []

    def run(
        args: Sequence[str], _: Path, reattach: Mapping[str, object] | None = None, **how: Any
    ) -> subprocess.CompletedProcess[str]:
        seen.append((args, reattach, how["extra"]))
        return subprocess.CompletedProcess(args, 0, "", "")

    monkeypatch.setattr(terraform, "run", run)
    return seen


def test_on_aws_nothing_stands_in_for_anything(target: Target, runs: list[Run]) -> None:
    (target.folder / terraform.LOCK).write_text("# committed\n")
    with target.terraform() as there:
        copied = {path.name for path in there.folder.iterdir()}
        assert copied == {path.name for path in target.folder.iterdir()}
        assert (there.folder / "backend.tf").read_text() == (target.folder / "backend.tf").read_text()
        assert there.provider_lock == b"# committed\n"
    assert runs == [(("init", "-input=false", "-lockfile=readonly"), None, {})]
    assert target.platform == "lambda"


def test_where_no_provider_lock_is_committed_terraform_makes_one_beside(target: Target, runs: list[Run]) -> None:
    with target.terraform() as there:
        assert there.provider_lock == b""
        (there.folder / terraform.LOCK).write_text("# made\n")
        assert there.provider_lock == b"# made\n"
    assert runs == [(("init", "-input=false"), None, {})]
    assert not (target.folder / terraform.LOCK).exists(), (
        "nothing is written beside the sources, or no tree would be clean"
    )


@pytest.mark.parametrize(("lock", "said"), [(True, "-lock-timeout=120s"), (False, "-lock=false")])
def test_only_who_applies_takes_the_lock_of_the_state(lock: bool, said: str, target: Target, runs: list[Run]) -> None:
    with target.terraform() as there, pytest.raises(ValueError, match="Expecting value"):  # nothing was planned
        there.plan(target.file(".tfplan"), target.file(".json"), lock=lock)
    assert runs[1][0][:3] == ("plan", "-input=false", said)


def test_what_stands_in_for_aws_is_on_this_machine(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://aws.example.com")
    assert (target.endpoint, target.platform) == (None, "lambda")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    for token in ("", "of another run"):  # an address is no identity: any emulator may answer there
        monkeypatch.setenv(TOKEN_VARIABLE, token)
        with pytest.raises(CommandError, match="is no local cloud of this project: unset it to reach AWS"):
            _ = target.endpoint
    monkeypatch.setenv(TOKEN_VARIABLE, "of this run")
    monkeypatch.setattr(reach, "proves", lambda url, token: (url, token) == ("http://127.0.0.1:4566", "of this run"))
    assert (target.endpoint, target.platform) == ("http://127.0.0.1:4566", "local")


def test_without_credentials_it_says_what_is_missing(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "why_offline", lambda _: "because there are no AWS credentials")
    with pytest.raises(
        CommandError, match="needs the account of dev, which is not reached because there are no AWS credentials"
    ):
        target.guard()
    with pytest.raises(CommandError, match="make up"):
        Target("local", target.root).guard()
    with pytest.raises(CommandError, match="ENV="):
        Target("nowhere", target.root)
