"""What a plan does to what exists: a table in each capacity mode, and the whole local stack on an
emulator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support.plan import packages, plan, provider, scratch, workspace
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import terraform
from tools.environment.staging import staged
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run
from tools.offline_provider import serve

# The emulator outlives the object that started it; `emulator.stop` ends it.
pytestmark = pytest.mark.filterwarnings("ignore:.*(subprocess .* is still running|Popen.__del__).*")

TABLE = """
provider "aws" {
  region = "us-east-1"
}

variable "capacity" {
  type = object({
    on_demand   = optional(object({ warm = optional(object({ read_units = number, write_units = number })) }))
    provisioned = optional(object({
      read  = object({ least = number, most = number })
      write = object({ least = number, most = number })
    }))
  })
}

module "orders" {
  source   = "../../terraform/modules/table"
  name     = "orders"
  hash_key = { name = "customer" }
  capacity = var.capacity
}
"""
MODES = {
    "on demand": {"on_demand": {}},
    "warm": {"on_demand": {"warm": {"read_units": 20000, "write_units": 8000}}},
    "less warm": {"on_demand": {"warm": {"read_units": 15000, "write_units": 6000}}},
    "provisioned": {"provisioned": {"read": {"least": 5, "most": 50}, "write": {"least": 5, "most": 50}}},
    "provisioned more": {"provisioned": {"read": {"least": 50, "most": 500}, "write": {"least": 50, "most": 500}}},
}


def existing(planned: dict[str, Any], state: Path) -> None:
    """Write the state that applying a first plan of one resource would leave; what the plan did not
    know becomes something.
    """
    (change,) = (
        change
        for change in planned["resource_changes"]
        if change["mode"] == "managed" and change["type"] == "aws_dynamodb_table"
    )
    schema = schemas()[change["type"]]
    values = _known(schema["block"], change["change"]["after"], change["change"]["after_unknown"], change["address"])
    resource = {
        "module": change["module_address"],
        "mode": "managed",
        "type": change["type"],
        "name": change["name"],
        "provider": f'provider["{change["provider_name"]}"]',
        "instances": [{"schema_version": schema["version"], "attributes": values}],
    }
    head = {"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "test", "outputs": {}}
    state.write_text(json.dumps(head | {"resources": [resource]}))


def _known(block: dict[str, Any], after: dict[str, Any], unknown: Any, address: str) -> dict[str, Any]:
    """The planned values of a block, with something of the right type where one is unknown."""
    values = dict(after)
    for name, attribute in block.get("attributes", {}).items():
        if isinstance(unknown, dict) and unknown.get(name) is True:
            values[name] = _something(attribute["type"], f"{address}-{name}")
    for name, nested in block.get("block_types", {}).items():
        flags = unknown.get(name, []) if isinstance(unknown, dict) else []
        if isinstance(after.get(name), list):
            pairs = zip(after[name], flags if isinstance(flags, list) else [], strict=False)
            values[name] = [_known(nested["block"], one, flag, f"{address}-{name}") for one, flag in pairs]
        elif flags is True:
            values[name] = []
    return values


def _something(kind: Any, address: str) -> Any:
    if isinstance(kind, list):
        return {} if kind[0] == "map" else []
    return {"number": 0, "bool": False}.get(kind, f"some-{re.sub(r'[^a-z0-9]+', '-', address)}")


@cache
def schemas() -> dict[str, Any]:
    """Schema of every resource type, as the attached provider serves it."""
    folder = table_folder("schema")
    terraform.run(["init", "-input=false"], folder, provider())
    shown = json.loads(terraform.run(["providers", "schema", "-json"], folder, provider()).stdout)
    return {
        kind: about
        for served in shown["provider_schemas"].values()
        for kind, about in served.get("resource_schemas", {}).items()
    }


def again(folder: Path, *options: str) -> dict[str, list[str]]:
    """Plan in a folder whose state exists; returns the actions on each resource that is not left
    alone.
    """
    terraform.run(["plan", "-input=false", "-lock=false", "-refresh=false", "-out=again", *options], folder, provider())
    shown = json.loads(terraform.run(["show", "-json", "again"], folder, provider()).stdout)
    return {
        c["address"]: c["change"]["actions"]
        for c in shown["resource_changes"]
        if c["change"]["actions"] not in (["no-op"], ["read"])
    }


def table_folder(name: str) -> Path:
    """A configuration of one table, and a variables file for each capacity mode."""
    folder = workspace() / "examples" / f"table-{re.sub(r'[^a-z]', '-', name)}"
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / "main.tf").write_text(TABLE)
        for mode, capacity in MODES.items():
            (folder / f"{mode}.tfvars.json").write_text(json.dumps({"capacity": capacity}))
    return folder


@cache
def table_in(mode: str) -> Path:
    """The configuration of a table that exists in a capacity mode."""
    folder = table_folder(mode)
    existing(plan(folder, folder / f"{mode}.tfvars.json"), folder / "terraform.tfstate")
    return folder


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("on demand", "on demand"),
        ("on demand", "warm"),
        ("on demand", "provisioned"),
        ("warm", "less warm"),
        ("warm", "provisioned"),
        ("provisioned", "on demand"),
        ("provisioned", "warm"),
        ("provisioned", "provisioned more"),
    ],
)
def test_a_capacity_never_replaces_the_table(before: str, after: str) -> None:
    folder = table_in(before)
    changes = again(folder, f"-var-file={after}.tfvars.json")
    assert not [
        address for address, actions in changes.items() if "delete" in actions and "aws_dynamodb_table" in address
    ]
    switched = ("provisioned" in before) != ("provisioned" in after)
    assert changes.get("module.orders.aws_dynamodb_table.this", ["no-op"]) == (["update"] if switched else ["no-op"])


@dataclass(frozen=True)
class Stack:
    """environments/local, applied to an emulator of its own with tiny zips."""

    root: Path
    reattach: Mapping[str, Any]
    credentials: Mapping[str, str]

    def terraform(self, *args: str) -> str:
        """What Terraform said; raises CommandError with its words where it refuses."""
        return terraform.run([*args], self.root, self.reattach, extra=self.credentials).stdout

    def changes(self) -> dict[str, list[str]]:
        """The actions that a plan, with a refresh, has for each resource that is not left alone."""
        self.terraform("plan", "-input=false", "-out=again", f"-var-file={packages()}")
        shown = json.loads(self.terraform("show", "-json", "again"))
        return {
            c["address"]: c["change"]["actions"]
            for c in shown["resource_changes"]
            if c["change"]["actions"] not in (["no-op"], ["read"])
        }


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    run = Run(scratch() / "run")
    state = emulator.start(run)
    credentials = emulator.credentials(state)
    root = staged(ROOT / "environments" / "local", run.folder, pipelines=("votes",))
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in credentials.items():
                patch.setenv(name, value)
            with serve(state["endpoint"]) as reattach:
                made = Stack(root, reattach, credentials)
                made.terraform("init", "-input=false")
                made.terraform("apply", "-input=false", "-auto-approve", f"-var-file={packages()}")
                yield made
    finally:
        emulator.stop(run)


@pytest.fixture
def sizing(stack: Stack) -> Iterator[Callable[[str, str], None]]:
    """Changes votes_sizing.tf of the stack for one test."""
    file = stack.root / "votes_sizing.tf"
    before = file.read_text()

    def change(pattern: str, replacement: str) -> None:
        changed, times = re.subn(pattern, replacement, file.read_text())
        assert times, f"nothing in votes_sizing.tf matches {pattern}"
        file.write_text(changed)

    yield change
    file.write_text(before)


def test_a_second_plan_is_empty(stack: Stack) -> None:
    assert stack.changes() == {}


def test_a_changed_number_of_shards_is_refused(stack: Stack, sizing: Callable[[str, str], None]) -> None:
    sizing(r"shards( +)= 4", r"shards\1= 8")
    with pytest.raises(
        CommandError, match=r"(?s)counting\.shards is 8, but these tables were made with another\s+number.*Set it back"
    ):
        stack.changes()


def test_nothing_is_replaced_when_sizing_changes(stack: Stack, sizing: Callable[[str, str], None]) -> None:
    sizing(r"slot_seconds( +)= 4", r"slot_seconds\1= 30")
    sizing(r"window_seconds = 1", "window_seconds = 20")
    sizing(r"log_days( +)= 1", r"log_days\1= 7")
    changes = stack.changes()
    assert "module.votes.module.tick.aws_sqs_queue.this" in changes
    assert {tuple(actions) for actions in changes.values()} == {("update",)}


def test_a_mapping_that_was_turned_off_stays_off(stack: Stack) -> None:
    mapping = json.loads(stack.terraform("output", "-json", "votes"))["mappings"]["write"]
    lambdas = boto3.client(
        "lambda",
        endpoint_url=stack.credentials["AWS_ENDPOINT_URL"],
        region_name=stack.credentials["AWS_REGION"],
        aws_access_key_id=stack.credentials["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=stack.credentials["AWS_SECRET_ACCESS_KEY"],
    )
    lambdas.update_event_source_mapping(UUID=mapping, Enabled=False)
    assert lambdas.get_event_source_mapping(UUID=mapping)["State"].startswith("Disabl")
    assert stack.changes() == {}


def test_another_environments_account_is_refused(stack: Stack, tmp_path: Path) -> None:
    """With credentials of the local account, dev stops at once and says which account it is in and
    which it expected.
    """
    elsewhere = Stack(
        staged(ROOT / "environments" / "dev", tmp_path, pipelines=("votes",)), stack.reattach, stack.credentials
    )
    elsewhere.terraform("init", "-input=false")
    with pytest.raises(CommandError, match=r"(?s)000000000000.*111111111111|111111111111.*000000000000"):
        elsewhere.changes()
