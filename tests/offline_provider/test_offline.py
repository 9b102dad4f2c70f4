"""Planning with nothing behind the provider: guards, refusals, several configurations at once."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.offline_provider.attached import Root, write_root
from tools.offline_provider import RefusedError, serve
from tools.offline_provider.connection import configure

TWO_ACCOUNTS = """
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111111111111"]
  default_tags {
    tags = { project = "test" }
  }
}
provider "aws" {
  alias               = "west"
  region              = "eu-west-1"
  allowed_account_ids = ["222222222222"]
}
data "aws_caller_identity" "here" {}
data "aws_partition" "here" {}
data "aws_region" "here" {}
data "aws_availability_zones" "here" {}
data "aws_caller_identity" "there" { provider = aws.west }
resource "aws_sns_topic" "here" { name = "t" }
resource "aws_sns_topic" "there" {
  provider = aws.west
  name     = "t"
  tags     = { a = "b" }
}
resource "aws_sqs_queue" "q" { name = "q" }
output "facts" {
  value = [
    data.aws_caller_identity.here.account_id, data.aws_caller_identity.there.account_id,
    data.aws_region.here.region, data.aws_partition.here.dns_suffix,
    join(" ", data.aws_availability_zones.here.names)
  ]
}
output "tags" { value = [aws_sns_topic.here.tags_all, aws_sns_topic.there.tags_all] }
"""
TEST_FILE = """
run "recorded" {
  plan_options { target = [aws_sns_topic.here, aws_sns_topic.there] }
  assert {
    condition     = aws_sns_topic.there.arn == "arn:aws:sns:eu-west-1:222222222222:t"
    error_message = aws_sns_topic.there.arn
  }
}
"""


@pytest.fixture
def two_accounts(tmp_path: Path, offline: dict[str, Any]) -> Root:
    return Root(write_root(tmp_path, TWO_ACCOUNTS), offline).init()


def test_configurations_do_not_overwrite_each_other(two_accounts: Root) -> None:
    two_accounts.run("validate")
    two_accounts.run("plan", "-out=plan")
    outputs = json.loads(two_accounts.run("show", "-json", "plan"))["planned_values"]["outputs"]
    assert outputs["facts"]["value"] == [
        "111111111111",
        "222222222222",
        "us-east-1",
        "amazonaws.com",
        "us-east-1a us-east-1b us-east-1c",
    ]
    assert outputs["tags"]["value"] == [{"project": "test"}, {"a": "b"}]


def test_terraform_test_runs_attached_and_mocked(two_accounts: Root) -> None:
    tests = two_accounts.folder / "tests"
    tests.mkdir()
    (tests / "attached.tftest.hcl").write_text(TEST_FILE)
    (tests / "mocked.tftest.hcl").write_text(
        'mock_provider "aws" {}\nmock_provider "aws" { alias = "west" }\nrun "mocked" {}\n'
    )
    assert "2 passed, 0 failed" in two_accounts.run("test")


def test_recorded_types_apply_and_real_ones_say_what_is_missing(two_accounts: Root) -> None:
    output = two_accounts.run("apply", "-auto-approve", code=1)
    assert "There is no emulator to call sqs of" in output
    assert "aws_sns_topic.there: Creation complete" in output


def test_a_committed_lock_file_stays_as_it_is(two_accounts: Root) -> None:
    assert not (two_accounts.folder / ".terraform.lock.hcl").exists()


def refused(tmp_path: Path, offline: dict[str, Any], body: str) -> str:
    text = f'provider "aws" {{\n  region = "us-east-1"\n{body}\n}}\nresource "aws_sns_topic" "t" {{}}\n'
    root = Root(write_root(tmp_path, text), offline)
    return root.init().run("plan", code=1)


def test_another_address_is_refused_with_its_line(tmp_path: Path, offline: dict[str, Any]) -> None:
    output = refused(
        tmp_path, offline, '  endpoints {\n    s3  = "http://127.0.0.1:1"\n    sqs = "https://sqs.example.com"\n  }'
    )
    assert "endpoints.sqs is 'https://sqs.example.com'" in output
    assert "on main.tf line 10" in output


def test_another_account_is_refused_with_its_line(tmp_path: Path, offline: dict[str, Any]) -> None:
    keys = '  access_key = "111111111111"\n  secret_key = "test"\n'
    output = refused(tmp_path, offline, keys + '  allowed_account_ids = ["222222222222"]')
    assert "belong to account 111111111111, which is not allowed here" in output
    assert "on main.tf line 10" in output


def test_what_a_provider_block_may_not_say() -> None:
    with pytest.raises(RefusedError, match="forbidden"):
        configure(
            {"region": "us-east-1", "access_key": "111111111111", "forbidden_account_ids": ["111111111111"]}, None
        )


def test_a_region_must_come_from_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(RefusedError, match="no region"):
        configure({}, None)


def test_credentials_of_the_environment_do_not_count_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111111111111")
    assert configure({"region": "us-east-1", "allowed_account_ids": ["333333333333"]}, None).account == "333333333333"


def test_the_emulators_address_is_held_to_the_same() -> None:
    with pytest.raises(RefusedError, match="not on this machine"), serve("http://emulator.example.com"):
        pass


def test_as_a_process_it_says_when_it_is_ready_and_stops_on_a_signal(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, "-m", "tools.offline_provider", "--ready-file", str(ready)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        printed = json.loads(process.stdout.readline())
        assert json.loads(ready.read_text()) == printed
        assert printed["hashicorp/aws"]["Pid"] == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    elsewhere = [*command, "--emulator", "https://sqs.example.com"]
    done = subprocess.run(elsewhere, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "not on this machine" in done.stderr
