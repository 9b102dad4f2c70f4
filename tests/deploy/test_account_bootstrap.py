"""`make account` on the local cloud: its state ends in the bucket it makes, and its roles hold.

The next run resumes one that broke off, wherever it was.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.account_world import KEY, Cloud, assume_role, refusal
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.deploy import account, apply, plan
from tools.deploy.account import _Bootstrap, _Terraform
from tools.environment import guard, names, terraform
from tools.environment.staging import staged
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run
from tools.offline_provider import serve
from tools.operations.deployment import Deployment

ACCOUNTS = {name: names.account_of(name) for name in names.DEPLOYED}
Use = Callable[[str], Cloud]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Of an emulator that runs."""
    run = Run(tmp_path_factory.mktemp("emulator"))
    try:
        yield emulator.start(run)
    finally:
        emulator.stop(run)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture
def use(state: dict[str, Any], work: Path, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Become the administrator of an account."""

    def become(number: str) -> Cloud:
        for name, value in emulator.credentials(state).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", number)
        return Cloud(state["endpoint"], number, work)

    return become


@pytest.fixture(scope="module")
def dev(state: dict[str, Any], work: Path) -> Iterator[Cloud]:
    """The account of dev, made."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in emulator.credentials(state).items():
            patch.setenv(name, value)
        patch.setenv("AWS_ACCESS_KEY_ID", ACCOUNTS["dev"])
        cloud = Cloud(state["endpoint"], ACCOUNTS["dev"], work)
        assert cloud.run("dev") == 0
        yield cloud


def test_one_command_makes_the_account_and_moves_its_state_into_its_bucket(
    dev: Cloud, capfd: pytest.CaptureFixture[str]
) -> None:
    assert len(dev.state("dev")["resources"]) > 20
    assert not dev.local_state("dev").exists()
    assert dev.run("dev") == 0
    said = capfd.readouterr().out
    assert "No changes. Your infrastructure matches the configuration." in said
    assert f"the account of dev, as arn:aws:iam::{dev.number}:root" in said
    assert dev.client("s3").get_bucket_versioning(Bucket=f"sluice-dev-state-{dev.number}")["Status"] == "Enabled"


def test_the_state_bucket_cannot_be_destroyed(dev: Cloud, tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").write_text(json.dumps(dev.state("dev")))
    copy = staged(ROOT / "environments/dev/account", tmp_path)
    with serve(dev.endpoint) as reattach:
        terraform.run(["init", "-input=false"], copy, reattach)
        done = terraform.run(["destroy", "-auto-approve"], copy, reattach, check=False)
    assert done.returncode != 0
    assert "Instance cannot be destroyed" in done.stderr
    dev.client("s3").head_bucket(Bucket=f"sluice-dev-state-{dev.number}")


def test_a_run_that_broke_off_before_the_state_moved_is_gone_on_with(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = use(ACCOUNTS["staging"])
    real = _Terraform.init

    def dies(self: _Terraform, copy: Path, *options: str, bucket: bool = True) -> None:
        if "-migrate-state" in options:
            raise KeyboardInterrupt
        real(self, copy, *options, bucket=bucket)

    with monkeypatch.context() as broken:
        broken.setattr(_Terraform, "init", dies)
        with pytest.raises(KeyboardInterrupt):
            cloud.run("staging")
    cloud.client("s3").head_bucket(Bucket=f"sluice-staging-state-{cloud.number}")
    left = cloud.local_state("staging").read_text()
    assert cloud.run("staging") == 0
    assert not cloud.local_state("staging").exists()

    # it broke off after the move, before this was deleted
    cloud.local_state("staging").write_text(left)
    assert cloud.run("staging") == 0
    assert not cloud.local_state("staging").exists()

    cloud.local_state("staging").write_text(left.replace('"id": "sluice-staging-plan"', '"id": "another"'))
    with pytest.raises(CommandError, match=r"knows 1 things that the bucket's state does not, such as .*another"):
        cloud.run("staging")


def test_a_run_that_broke_off_with_little_more_than_the_bucket_is_gone_on_with(
    use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = use(ACCOUNTS["prod"])

    def breaks(self: _Terraform, copy: Path, confirmed: bool) -> int:
        terraform.run(
            ["apply", "-auto-approve", "-target=module.account.module.state"], copy, self.reattach, extra=self.extra
        )
        return 1

    with monkeypatch.context() as broken:
        broken.setattr(_Terraform, "apply", breaks)
        assert cloud.run("prod") == 1
    assert cloud.local_state("prod").exists()
    assert cloud.run("prod") == 0
    assert len(cloud.state("prod")["resources"]) > 20


def test_a_bucket_whose_state_is_nowhere_is_not_guessed_about(
    use: Use, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cloud = use(ACCOUNTS["dev"])
    monkeypatch.setattr(_Bootstrap, "_bucket", lambda self: (True, None))
    with pytest.raises(CommandError, match="whoever began on another machine has that file"):
        cloud.run("dev")
    folder = tmp_path / "environments/dev/account"
    shutil.copytree(ROOT / "environments/dev", folder.parent)
    (folder / "imports.tf").write_text("")  # with import blocks for what there is, it begins again
    monkeypatch.setattr(_Bootstrap, "_begin", lambda self: 77)
    assert account.run("dev", confirmed=True, root=tmp_path) == 77


@pytest.mark.parametrize("environment", ["dev", "dev/account"])
def test_the_wrong_account_is_refused_before_anything_and_both_are_named(environment: str, use: Use) -> None:
    cloud = use("999999999999")
    with pytest.raises(CommandError) as refused:
        cloud.run("dev") if "/" in environment else guard.refuse_wrong_account(environment)
    for part in (
        "account 999999999999 (arn:aws:iam::999999999999:root)",
        "belongs to account 111111111111",
        "Nothing was read or changed",
    ):
        assert part in str(refused.value)
    assert cloud.client("s3").list_buckets()["Buckets"] == []


def test_the_environment_of_these_credentials_is_named(use: Use) -> None:
    use(ACCOUNTS["prod"])
    with pytest.raises(CommandError, match="or name the environment of 333333333333: ENV=prod"):
        guard.refuse_wrong_account("dev")


@pytest.mark.parametrize(
    "work",
    [lambda: plan.run("dev", offline=None), lambda: apply.run("dev"), lambda: Deployment.on_aws("dev")],
    ids=["plan", "apply", "status"],
)
def test_whatever_goes_to_aws_asks_before_terraform_starts(
    work: Callable[[], Any], use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(ACCOUNTS["prod"])
    monkeypatch.setattr(plan, "why_offline", lambda _: "")
    monkeypatch.setattr(apply, "why_offline", lambda _: "")
    monkeypatch.setattr(terraform, "run", lambda *_, **__: pytest.fail("Terraform was started"))
    with pytest.raises(
        CommandError, match=r"of account 333333333333 .*, but environments/dev belongs to account 111111111111"
    ):
        work()


def test_terraform_itself_refuses_the_wrong_account_by_its_backend(use: Use, tmp_path: Path) -> None:
    """Who calls Terraform without make meets a second guard, which names the account it is in."""
    cloud = use(ACCOUNTS["prod"])
    copy = staged(ROOT / "environments/dev", tmp_path, own_backend=True)
    extra = {f"AWS_ENDPOINT_URL{service}": cloud.endpoint for service in ("", "_S3", "_STS")} | {
        "AWS_ACCESS_KEY_ID": cloud.number
    }
    with (
        serve(cloud.endpoint) as reattach,
        pytest.raises(CommandError, match="AWS account ID not allowed: 333333333333"),
    ):
        terraform.run(["init", "-input=false", "-backend-config=use_path_style=true"], copy, reattach, extra=extra)


@pytest.mark.parametrize(
    ("environment", "said"), [("local", "has no account of its own: ENV is one of dev, prod, staging"), ("", "ENV=dev")]
)
def test_an_environment_without_an_account(environment: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        account.run(environment, confirmed=True)


def test_without_credentials_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(account, "why_offline", lambda _: "because there are no AWS credentials")
    with pytest.raises(
        CommandError,
        match=r"no AWS credentials. Sign in as its administrator .* `make plan ENV=dev/account` shows offline",
    ):
        account.run("dev", confirmed=True)


@pytest.mark.parametrize("role", ["plan", "apply"])
@pytest.mark.parametrize(
    "subject",
    [
        "repo:your-org/sluice:environment:prod",
        "repo:your-org/sluice:ref:refs/heads/main",
        "repo:other/sluice:pull_request",
    ],
)
def test_no_other_token_becomes_a_role(dev: Cloud, role: str, subject: str) -> None:
    assert refusal(lambda: assume_role(dev, role, subject)) == "AccessDenied"


def test_the_plan_role_reads_and_locks_and_overwrites_nothing(dev: Cloud) -> None:
    """What it may put where there is nothing, the emulator does not tell as a condition key:
    tests/terraform/test_account_roles.py asks that.
    """
    planner = assume_role(dev, "plan", "repo:your-org/sluice:pull_request")
    s3, state, artifacts = planner("s3"), f"sluice-dev-state-{dev.number}", f"sluice-dev-artifacts-{dev.number}"
    s3.get_object(Bucket=state, Key=KEY)
    planner("iam").get_role(RoleName="sluice-dev-apply")
    review = {"Bucket": artifacts, "Key": "reviews/0.json"}
    dev.client("s3").put_object(**review, Body=b"{}")
    assert s3.get_object(**review)["Body"].read() == b"{}"
    assert refusal(s3.put_object, **review, Body=b"[]") == "AccessDenied"
    assert refusal(s3.delete_object, **review) == "AccessDenied"
    for bucket, key in (
        (state, "votes/terraform.tfstate.tflock"),
        (state, "votes/terraform.tfstate"),
        (artifacts, "packages/0.zip"),
        (artifacts, "plans/0/plan"),
    ):
        assert refusal(s3.put_object, Bucket=bucket, Key=key, Body=b"{}") == "AccessDenied", key
        assert refusal(s3.delete_object, Bucket=bucket, Key=key) == "AccessDenied", key
    assert refusal(planner("dynamodb").scan, TableName="sluice-dev-votes-votes") == "AccessDeniedException"
    assert refusal(planner("sqs").create_queue, QueueName="sluice-dev-votes-x") == "AccessDenied"
    assert refusal(lambda: assume_role(dev, "apply", "repo:your-org/sluice:pull_request")) == "AccessDenied"


def test_the_apply_role_works_under_its_boundary(dev: Cloud) -> None:
    applier = assume_role(dev, "apply", "repo:your-org/sluice:environment:dev")
    iam, s3, state = applier("iam"), applier("s3"), f"sluice-dev-state-{dev.number}"
    url = applier("sqs").create_queue(QueueName="sluice-dev-votes-x")["QueueUrl"]
    applier("sqs").delete_queue(QueueUrl=url)
    assert refusal(applier("sqs").create_queue, QueueName="payroll") == "AccessDenied"
    s3.put_object(Bucket=state, Key="votes/terraform.tfstate", Body=b"{}")
    s3.put_object(Bucket=state, Key="votes/terraform.tfstate.tflock", Body=b"{}")
    s3.delete_object(Bucket=state, Key="votes/terraform.tfstate.tflock")
    assert refusal(s3.put_object, Bucket=state, Key=KEY, Body=b"{}") == "AccessDenied"

    # An administrator makes a mistake, and still:
    dev.client("iam").attach_role_policy(
        RoleName="sluice-dev-apply", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    try:
        applier("sqs").delete_queue(QueueUrl=applier("sqs").create_queue(QueueName="payroll")["QueueUrl"])
        assert (
            refusal(
                iam.attach_role_policy,
                RoleName="sluice-dev-plan",
                PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess",
            )
            == "AccessDenied"
        )
        assert refusal(iam.delete_role_permissions_boundary, RoleName="sluice-dev-apply") == "AccessDenied"
        assert (
            refusal(iam.update_assume_role_policy, RoleName="sluice-dev-apply", PolicyDocument="{}") == "AccessDenied"
        )
        assert refusal(s3.delete_bucket_policy, Bucket=state) == "AccessDenied"
    finally:
        dev.client("iam").detach_role_policy(
            RoleName="sluice-dev-apply", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        )
