"""Whose account an environment is in: said in one file, and nowhere otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.common.errors import CommandError
from tools.environment.names import IDENTITY, account_of, check_backend, region_of

BACKEND = """
terraform {
  backend "s3" {
    bucket              = "sluice-dev-state-111111111111"
    region              = "us-east-1"
    allowed_account_ids = ["111111111111"]
  }
}
"""


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """The folder of an environment in a project of its own."""
    folder = tmp_path / "environments" / "dev"
    folder.mkdir(parents=True)
    _identify(folder, account_id="111111111111", region="us-east-1")
    (folder / "backend.tf").write_text(BACKEND)
    return folder


def test_the_account_and_the_region_are_data(dev: Path, tmp_path: Path) -> None:
    assert account_of("dev", tmp_path) == "111111111111"
    assert region_of("dev", tmp_path) == "us-east-1"
    check_backend("dev", tmp_path)


@pytest.mark.parametrize(
    ("identity", "argument"),
    [
        ({"account_id": "222222222222", "region": "us-east-1"}, "sluice-dev-state-222222222222"),
        ({"account_id": "111111111111", "region": "eu-west-1"}, "eu-west-1"),
    ],
)
def test_a_backend_elsewhere_is_refused(dev: Path, tmp_path: Path, identity: dict[str, str], argument: str) -> None:
    _identify(dev, **identity)
    with pytest.raises(CommandError, match=rf'backend\.tf must say "{argument}"'):
        check_backend("dev", tmp_path)


@pytest.mark.parametrize("account", ["1111", 111111111111, "${local.other}", None])
def test_what_is_no_account_is_refused(dev: Path, tmp_path: Path, account: object) -> None:
    _identify(dev, account_id=account, region="us-east-1")
    with pytest.raises(CommandError, match='has "account_id"'):
        account_of("dev", tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"locals": {}}', '{"locals": []}'])
def test_a_file_without_an_account_is_refused(dev: Path, tmp_path: Path, text: str) -> None:
    (dev / IDENTITY).write_text(text)
    with pytest.raises(CommandError, match='must be JSON that has "account_id"'):
        account_of("dev", tmp_path)


def _identify(folder: Path, **identity: object) -> None:
    (folder / IDENTITY).write_text(json.dumps({"locals": identity}))
