"""docs/receipts/agent.md says what the agent does: its hops, its hosts, its exit codes."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from receipts.agent import check, check_aws, check_database
from receipts.agent.__main__ import WRONG_CONFIG
from receipts.agent.aws import Aws
from tests.lambda_src.receipts.agent.sites import site
from tools.common.paths import ROOT

TEXT = (ROOT / "docs/receipts/agent.md").read_text()


def test_it_has_every_hop_in_its_order() -> None:
    (table,) = re.findall(r"^## What check says\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    database = ("DATABASE", "TLS", "LOGIN", "TABLE", "RIGHTS", "ANSWER")
    hops = [
        "configuration",
        *(getattr(check_database, name) for name in database),
        *(check_aws.CREDENTIALS, check_aws.DELIVERY, check_aws.DOCUMENT),
        check.DELIVERED,
    ]
    assert re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE) == hops
    assert f"{WRONG_CONFIG} where the configuration does not fit" in table


def test_it_has_every_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aws.config").write_text("[default]\ncredential_process = aws_signing_helper\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws.config"))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    hosts = Aws(site(tmp_path, aws_documents_bucket="bucket")).hosts()
    (table,) = re.findall(r"^## What the firewall lets through\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    told = re.findall(r"^\| `([^`]+)` \| (\d+) \|", table, re.MULTILINE)
    assert [(name.replace("<bucket>", "bucket"), int(port)) for name, port in told] == [
        (host.name, host.port) for host in hosts
    ]
    assert [host.is_needed for host in hosts] == [True, True, True, False]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="NO OPENSSL HERE: the commands of the page were NOT tried")
def test_its_authority_signs_the_agents_certificate(tmp_path: Path) -> None:
    commands = "".join(re.findall(r"^ +((?:openssl|printf) .*\n)", TEXT, re.MULTILINE))
    assert commands.count("\n") == 4
    asked = f"{commands}openssl verify -purpose sslclient -CAfile authority.crt agent.crt"
    done = subprocess.run(
        ["sh", "-eu", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.endswith("agent.crt: OK\n"), done.stderr
