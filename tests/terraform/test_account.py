"""Each account is a root of its own beside its environment, and differs from its siblings in what
it may and in nothing else.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.plan import ROOT, plan, resources
from tests.terraform.hcl import Block, blocks, example
from tools.common.errors import CommandError
from tools.environment import names
from tools.environment.names import IDENTITY, account_of, check_backend
from tools.environment.planned import outputs

DEPLOYED = {name: account_of(name) for name in names.DEPLOYED}
FOLDER = ROOT / "environments"
MODULE = ROOT / "terraform/modules/account"
OWN = {"account.tf", "backend.tf"}
MAY_DIFFER = {"alarms", "budget", "trail"}


@pytest.mark.parametrize("name", DEPLOYED)
def test_files_are_the_same_but_for_backend_and_account(name: str) -> None:
    files = {path.name for path in (FOLDER / name / "account").glob("*.tf")}
    assert files == {"main.tf", "outputs.tf"} | OWN
    for file in files - OWN:
        assert (FOLDER / name / "account" / file).read_text() == (FOLDER / "dev/account" / file).read_text(), (
            f"{file} of {name} is not dev's"
        )


def test_only_allowed_names_differ() -> None:
    values = {name: _set_by(FOLDER / name / "account/account.tf") for name in DEPLOYED}
    for local in set().union(*values.values()) - MAY_DIFFER:
        assert len({v.get(local) for v in values.values()}) == 1, f"{local} may not differ among accounts"


@pytest.mark.parametrize("name", DEPLOYED)
def test_the_account_is_the_environments_and_guarded(name: str) -> None:
    planned = plan(f"{name}/account")
    assert planned["configuration"]["provider_config"]["aws"]["expressions"]["allowed_account_ids"] == {
        "references": ["local.account_id"]
    }
    made = outputs(planned)
    assert made["account_id"] == DEPLOYED[name]
    assert made["state_bucket"] == f"sluice-{name}-state-{DEPLOYED[name]}"
    assert made["artifact_bucket"] == f"sluice-{name}-artifacts-{DEPLOYED[name]}"
    check_backend(f"{name}/account")
    assert (FOLDER / name / "account" / IDENTITY).samefile(FOLDER / name / IDENTITY)
    own, above = ((FOLDER / folder / "backend.tf").read_text() for folder in (f"{name}/account", name))
    for text in (own, above):
        assert f'bucket              = "{made["state_bucket"]}"' in text
        assert re.search(r"use_lockfile += true", text)
        assert re.search(r"encrypt += true", text)
    assert re.findall(r'key += "(.*)"', own + above) == ["account/terraform.tfstate", "votes/terraform.tfstate"]


@pytest.mark.parametrize("name", DEPLOYED)
def test_its_buckets_are_private_versioned_and_tls_only(name: str) -> None:
    values = resources(plan(f"{name}/account"))
    buckets = ["state", "artifacts", *(["trail[0]"] if name == "prod" else [])]
    assert {kept for kept in values if kept.endswith(".aws_s3_bucket.this")} == {
        f"module.account.module.{bucket}.aws_s3_bucket.this" for bucket in buckets
    }
    for bucket in buckets:
        of = f"module.account.module.{bucket}.aws_s3_bucket"
        assert not values[f"{of}.this"]["force_destroy"]
        assert values[f"{of}_versioning.this"]["versioning_configuration"][0]["status"] == "Enabled"
        assert all(
            values[f"{of}_public_access_block.this"][key]
            for key in ("block_public_acls", "block_public_policy", "restrict_public_buckets")
        )
        assert '"aws:SecureTransport":"false"' in values[f"{of}_policy.tls_only"]["policy"]
        assert values[f"{of}_server_side_encryption_configuration.this"]["rule"]
    days = {
        bucket: {
            rule["id"]: rule
            for rule in values[f"module.account.module.{bucket}.aws_s3_bucket_lifecycle_configuration.this"]["rule"]
        }
        for bucket in ("state", "artifacts")
    }
    assert days["state"]["leftovers"]["noncurrent_version_expiration"][0]["noncurrent_days"] == 365
    assert set(days["artifacts"]) == {"leftovers"}, "where a digest expired, another could be put"


def test_terraform_refuses_to_destroy_or_rename_the_state_bucket() -> None:
    text = (MODULE / "state.tf").read_text()
    assert re.search(r"triggers_replace = \[module\.state\.name\]\n\n  lifecycle \{\n    prevent_destroy = true", text)


@pytest.mark.parametrize(
    ("given", "other", "said"),
    [
        ('"your-org/sluice"', '"your-org/*"', "ORG/* trusts every repository of the organisation"),
        ('environment = "prod"', 'environment = "*"', "a branch's or a pull request's token knows no approval"),
        ('"123456789"', '""', "a name can be given up, and taken by somebody else"),
        ('"promote.yml", "rollback.yml"', '"*"', "any other workflow could run anything"),
    ],
)
def test_a_refusal_says_what_is_wrong(given: str, other: str, said: str) -> None:
    text = (example(MODULE / "README.md", 0) / "main.tf").read_text()
    folder = example(MODULE / "README.md", 0).with_name(f"account-refused-{len(said)}")
    folder.mkdir()
    assert given in text
    (folder / "main.tf").write_text(text.replace(given, other))
    with pytest.raises(CommandError) as refused:
        plan(folder)
    assert said in " ".join(re.sub("[│╷╵]", " ", str(refused.value)).split())


def test_every_wildcard_has_a_written_reason(tmp_path: Path) -> None:
    """CKV_SLUICE_14 of policies/, told where the source is, so that it finds the reasons."""
    (tmp_path / "plan.json").write_text(json.dumps(plan("prod/account")))
    command = [
        str(ROOT / ".venv-checkov/bin/checkov"),
        "--file",
        "plan.json",
        "--framework",
        "terraform_plan",
        "--check",
        "CKV_SLUICE_*",
    ]
    command += [
        "--external-checks-dir",
        str(ROOT / "policies"),
        "--repo-root-for-plan-enrichment",
        str(MODULE),
        "--skip-download",
    ]
    done = subprocess.run(
        [*command, "--output", "json"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    results = json.loads(done.stdout)["results"]
    assert [check["resource"] for check in results["failed_checks"]] == []
    reasons = {
        check["resource"].rpartition(".")[2]: check["check_result"]["suppress_comment"]
        for check in results["skipped_checks"]
    }
    assert set(reasons) == {"reads", "apply", "applies_behind", "apply_boundary", "pipeline_boundary"}
    assert min(map(len, reasons.values())) > 50


@pytest.mark.parametrize("name", DEPLOYED)
def test_outputs_are_described(name: str) -> None:
    assert all(output.description.endswith(".") for output in blocks(FOLDER / name / "account", "output"))


def _set_by(file: Path) -> dict[str, str | None]:
    body = re.findall(r"^locals \{\n(.*?)^\}", file.read_text(), re.MULTILINE | re.DOTALL)[0]
    return {
        local: Block("locals", file.name, body).argument(local)
        for local in re.findall(r"^  (\w+) +=", body, re.MULTILINE)
    }
