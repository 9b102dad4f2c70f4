"""Every real type on the emulator: created, read back, changed in place, drifted, destroyed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.offline_provider.attached import Cloud, Root, write_package, write_root
from tools.common.loopback import fetch
from tools.common.paths import ROOT
from tools.offline_provider.resources import REAL

STACK = Path(__file__).with_name("stack")
# tests/integration/test_entrances_deployed.py applies these, and sends requests through them.
ENTRANCES = [path for name in ("alb", "function-url") for path in (ROOT / "terraform/modules" / name).glob("*.tf")]


class Stack:
    """The stack of `stack/`, applied; `round` says which of its two shapes it has."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.shape = 0
        self.packages = [write_package(root.folder / f"{answer}.zip", answer) for answer in ("one", "two")]

    def terraform(self, command: str, *options: str, code: int = 0) -> str:
        package = self.packages[self.shape - 1]
        return self.root.run(command, f"-var=round={self.shape}", f"-var=package={package}", *options, code=code)

    def apply(self, shape: int) -> None:
        if self.shape != shape:
            self.shape = shape
            self.terraform("apply", "-auto-approve")

    def answer(self) -> str:
        return fetch(self.root.outputs()["api"] + "/v1/x", b"{}", seconds=20).decode()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, cloud: Cloud) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    shutil.copytree(STACK, folder, dirs_exist_ok=True)
    made = Stack(Root(folder, cloud.reattach).init())
    made.apply(1)
    yield made
    made.apply(2)  # shape 1 protects a table from deletion
    made.terraform("destroy", "-auto-approve")
    assert cloud.client("sqs").list_queues().get("QueueUrls", []) == []
    assert cloud.client("dynamodb").list_tables()["TableNames"] == []
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
    assert cloud.client("apigatewayv2").get_apis()["Items"] == []
    assert cloud.client("s3").list_buckets()["Buckets"] == []
    assert cloud.client("iam").list_roles()["Roles"] == []
    assert cloud.client("iam").list_policies(Scope="Local")["Policies"] == []
    assert cloud.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    assert cloud.client("budgets").describe_budgets(AccountId="000000000000").get("Budgets", []) == []
    assert cloud.client("logs").describe_log_groups()["logGroups"] == []


def test_every_real_type_is_in_the_stack() -> None:
    text = "".join(path.read_text() for path in [*STACK.glob("*.tf"), *ENTRANCES])
    assert {kind for kind in REAL if f'resource "{kind}"' not in text} == set()


def test_a_second_plan_is_empty_and_the_api_answers(stack: Stack) -> None:
    stack.apply(1)
    stack.terraform("plan", "-detailed-exitcode")
    assert stack.answer() == "one 1"


def test_a_change_reaches_the_emulator(stack: Stack, cloud: Cloud) -> None:
    stack.apply(1)
    version = int(stack.root.outputs()["version"])
    stack.apply(2)
    assert int(stack.root.outputs()["version"]) == version + 1
    assert stack.answer() == "two 2"
    stack.terraform("plan", "-detailed-exitcode")
    queue_url = stack.root.outputs()["queue"]
    answer = cloud.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])
    attributes = answer["Attributes"]
    assert attributes["VisibilityTimeout"] == "60"
    assert '"maxReceiveCount":7' in attributes["RedrivePolicy"].replace(" ", "")
    assert "000000000000" in attributes["Policy"]
    assert "SecureTransport" not in attributes["Policy"]
    iam = cloud.client("iam")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="f")["Role"]
    versions = iam.list_policy_versions(PolicyArn="arn:aws:iam::000000000000:policy/most")["Versions"]
    assert [version["VersionId"] for version in versions] == ["v2"]
    budget = cloud.client("budgets").describe_budget(AccountId="000000000000", BudgetName="b")["Budget"]
    assert budget["BudgetLimit"] == {"Amount": "20", "Unit": "USD"}
    assert cloud.client("s3").get_bucket_versioning(Bucket="b-000000000000")["Status"] == "Enabled"
    told = cloud.client("s3").get_bucket_notification_configuration(Bucket="b-000000000000")["QueueConfigurations"]
    assert [one["Filter"]["Key"]["FilterRules"][0]["Value"] for one in told] == ["out/"]
    table = cloud.client("dynamodb").describe_table(TableName="table-t")["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 6
    expiry = cloud.client("dynamodb").describe_time_to_live(TableName="table-t")["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "expires"
    mapping = cloud.client("lambda").get_event_source_mapping(UUID=stack.root.outputs()["mapping"])
    assert (mapping["BatchSize"], mapping["ScalingConfig"]["MaximumConcurrency"]) == (5, 10)
    assert cloud.client("lambda").get_alias(FunctionName="f", Name="live")["FunctionVersion"] == str(version + 1)
    events = cloud.client("lambda").get_function_event_invoke_config(FunctionName="f", Qualifier="live")
    assert (events["MaximumRetryAttempts"], events["MaximumEventAgeInSeconds"]) == (1, 60)
    assert events["DestinationConfig"]["OnFailure"]["Destination"].split(":")[-1].startswith("plain-")
    assert cloud.client("lambda").get_function_recursion_config(FunctionName="f")["RecursiveLoop"] == "Terminate"
    assert cloud.client("scheduler").get_schedule(Name="s", GroupName="g")["ScheduleExpression"] == "rate(10 minutes)"


def test_code_that_is_published_already_is_written_down_and_no_other_version_made(stack: Stack, cloud: Cloud) -> None:
    stack.apply(2)
    version = int(stack.root.outputs()["version"])
    client = cloud.client("lambda")
    client.update_function_code(FunctionName="f", ZipFile=stack.packages[0].read_bytes(), Publish=True)
    client.update_alias(FunctionName="f", Name="live", FunctionVersion=str(version + 1))
    stack.packages = stack.packages[::-1]  # of the same shape, the other zip
    stack.terraform("apply", "-auto-approve", "-refresh=false")
    assert int(stack.root.outputs()["version"]) == version + 1
    assert len(client.list_versions_by_function(FunctionName="f")["Versions"]) == version + 2
    assert stack.answer() == "one 2"
    stack.packages, stack.shape = stack.packages[::-1], 0


def test_what_somebody_changed_by_hand_is_planned_back(stack: Stack, cloud: Cloud) -> None:
    stack.apply(2)
    cloud.client("lambda").update_event_source_mapping(UUID=stack.root.outputs()["mapping"], Enabled=False)
    cloud.client("sqs").set_queue_attributes(
        QueueUrl=stack.root.outputs()["queue"], Attributes={"VisibilityTimeout": "1"}
    )
    cloud.client("scheduler").delete_schedule(Name="s", GroupName="g")
    cloud.client("s3").put_bucket_notification_configuration(Bucket="b-000000000000", NotificationConfiguration={})
    output = stack.terraform("plan", "-detailed-exitcode", code=2)
    assert "Plan: 1 to add, 3 to change, 0 to destroy." in output
    assert "aws_scheduler_schedule.s will be created" in output
    assert "visibility_timeout_seconds        = 1 -> 60" in output
    stack.terraform("apply", "-auto-approve")
    stack.terraform("plan", "-detailed-exitcode")


def test_a_wrong_account_stops_before_anything_is_made(tmp_path: Path, cloud: Cloud) -> None:
    body = """
      provider "aws" {
        region              = "us-east-1"
        allowed_account_ids = ["333333333333"]
      }
      resource "aws_sqs_queue" "q" {}
    """
    output = Root(write_root(tmp_path, body), cloud.reattach).init().run("apply", "-auto-approve", code=1)
    assert "belong to account 000000000000, which is not allowed here" in output


def test_an_api_error_names_the_resource(tmp_path: Path, cloud: Cloud) -> None:
    body = """
      provider "aws" { region = "us-east-1" }
      resource "aws_dynamodb_table" "t" {
        name         = "t"
        hash_key     = "a"
        billing_mode = "PAY_PER_REQUEST"
        attribute {
          name = "a"
          type = "S"
        }
      }
    """
    output = Root(write_root(tmp_path, body), cloud.reattach).init().run("apply", "-auto-approve", code=1)
    assert "with aws_dynamodb_table.t" in output
    assert "length greater than or equal to 3" in " ".join(output.split())
