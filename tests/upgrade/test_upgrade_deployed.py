"""The release before this one deployed on the local cloud, with votes in it; then this one over the
same state; then back.

What holds votes, messages or an address is neither replaced nor lost, votes under way are counted,
and going back is one command.
"""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.support import plan
from tests.support.left import processes_in
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import terraform, zips
from tools.environment.planned import offline, resources
from tools.environment.staging import staged
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run
from tools.offline_provider import serve
from tools.operations import rollback
from tools.operations.api import ask
from tools.operations.deployment import Deployment
from tools.operations.queues import depth
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.operations.votes.progress import progress
from tools.packager.build import Inputs, build
from tools.packager.target import TARGETS

KEPT = {
    "aws_dynamodb_table",
    "aws_sqs_queue",
    "aws_apigatewayv2_api",
    "aws_apigatewayv2_stage",
    "aws_s3_bucket",
    "terraform_data",
}
GOES_ON = {
    "aws_lambda_function",
    "aws_lambda_alias",
    "aws_lambda_event_source_mapping",
    "aws_iam_role",
    "aws_cloudwatch_log_group",
}
# what Terraform leaves as it is where it is there (ignore_changes)
IGNORED = {("module.api[0].aws_cloudwatch_log_group.access", "name")}
OLD_FUNCTIONS = ("receive", "process", "write", "tally", "results")
COUNTING = {
    "shards": 4,
    "slot_seconds": 1,
    "witness_share": 1,
    "packed_votes": False,  # as whoever may go back has it
}  # a shorter slot than environments/local has, to wait less
SECONDS = 60.0
Json = dict[str, Any]


class Deployed:
    """One emulator and one state, and whichever release's environments/local was applied last."""

    def __init__(self, run: Run, endpoint: str, reattach: Mapping[str, object]) -> None:
        self.run, self._endpoint, self._reattach = run, endpoint, reattach

    def plan(self, root: Path, variables: Path) -> Json:
        """The plan of a project's environments/local over the state as it is."""
        changed = {"module": {"votes": {"counting": COUNTING}}}
        self._copy = staged(root / "environments" / "local", self.run.folder, changed, pipelines=("votes",))
        self._terraform("init", "-input=false")
        self._terraform("plan", "-input=false", "-out=planned", f"-var-file={variables}")
        shown: Json = json.loads(self._terraform("show", "-json", "planned"))
        return shown

    def apply(self) -> Deployment:
        """Apply what was planned."""
        self._terraform("apply", "-input=false", "planned")
        outputs = json.loads(self._terraform("output", "-json"))
        if "votes" not in outputs:  # a release from before an environment's outputs were one object a pipeline
            flat = {name: output["value"] for name, output in outputs.items()}
            outputs["votes"] = {"value": flat | {"api_url": flat["votes_api_url"]}}
        self.run.outputs_file.write_text(json.dumps(outputs))
        return Deployment.local(self.run)

    def _terraform(self, *arguments: str) -> str:
        return terraform.run(arguments, self._copy, self._reattach, extra={"AWS_ENDPOINT_URL": self._endpoint}).stdout


@dataclass
class Upgraded:
    """What was deployed before and is now, the plan between the two, and the old release's write
    mapping, which is off.
    """

    deployed: Deployed
    was: Deployment
    planned: Json
    now: Deployment
    mapping: str


@pytest.fixture(scope="module")
def upgraded(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """20 voters are counted by the old release, 20 others (15 of them the same) wait on its count
    queue; then this one was applied.
    """
    run = Run(tmp_path_factory.mktemp("cloud"))
    try:
        endpoint = emulator.start(run)["endpoint"]
        with serve(endpoint) as reattach:
            deployed = Deployed(run, endpoint, reattach)
            deployed.plan(before, _packaged(before, run.folder))
            was = deployed.apply()
            _vote(was, range(20), 2)
            _until(lambda: _counted(was) == {"2": 20})
            mapping = was.outputs["mappings"]["write"]
            was.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
            time.sleep(1.5)  # a poll under way ends
            _vote(was, range(5, 25), 4)
            _until(lambda: _depth(was, "count") and not _depth(was, "ingest"))
            planned = deployed.plan(ROOT, zips.package("local", pipelines=["votes"]))
            yield Upgraded(deployed, was, planned, deployed.apply(), mapping)
    finally:
        emulator.stop(run)
    assert processes_in(run.folder) == []


def test_an_upgrade_replaces_nothing_and_counts_what_was_under_way_and_a_rollback_goes_back(upgraded: Upgraded) -> None:
    _nothing_is_lost(upgraded)
    _votes_under_way_are_counted(upgraded)
    _a_rollback_is_one_command_and_stays(upgraded)


def _nothing_is_lost(upgraded: Upgraded) -> None:
    was, now = upgraded.was, upgraded.now
    changes = upgraded.planned["resource_changes"]
    assert {
        one["address"] for one in changes if "delete" in one["change"]["actions"] and one["type"] in KEPT | GOES_ON
    } == set()
    assert {one["type"] for one in changes if one["change"]["actions"] == ["update"]} >= {
        "aws_lambda_function",
        "aws_lambda_alias",
    }
    for name in ("api_url", "queues", "quarantine_bucket"):
        assert now.outputs[name] == was.outputs[name]
    assert now.outputs["tables"].items() >= was.outputs["tables"].items(), "a release adds tables and replaces none"
    assert now.outputs["mappings"]["write"] == upgraded.mapping
    state = now.client("lambda").get_event_source_mapping(UUID=upgraded.mapping)["State"]
    assert state == "Disabled", "whether a mapping is on is no concern of an apply"


def _votes_under_way_are_counted(upgraded: Upgraded) -> None:
    now = upgraded.now
    now.client("lambda").update_event_source_mapping(UUID=upgraded.mapping, Enabled=True)
    _until(lambda: _counted(now) == {"2": 5, "4": 20})
    assert progress(now, now.client("dynamodb")).behind == 0
    assert [depth(now.client("sqs"), queue["dead_letter_url"]).total for queue in now.outputs["queues"].values()] == [
        0,
        0,
        0,
    ]


def _a_rollback_is_one_command_and_stays(upgraded: Upgraded) -> None:
    now = upgraded.now
    assert _versions(now) == dict.fromkeys(OLD_FUNCTIONS, "2") | dict.fromkeys(
        ("vote", "rank", "conservation", "probe"), "1"
    )
    assert _takes_the_probes_title(now) is False, "this release does not"
    assert "version 1" in _rolled_back(now, dry_run=True)
    assert _versions(now)["receive"] == "2", "a dry run changes nothing"
    assert "5 functions are back" in _rolled_back(now)
    assert _versions(now) == dict.fromkeys(now.outputs["functions"], "1")
    assert _takes_the_probes_title(now) is True, "the old release does, and knows no probe"
    _vote(now, range(30), 1)
    _until(lambda: _counted(now) == {"1": 30})
    with pytest.raises(CommandError, match="no version to go back to"):
        _rolled_back(now)
    assert set(_versions(now).values()) == {"1"}, "a second rollback does not go forward"

    again = upgraded.deployed.plan(ROOT, zips.package("local", pipelines=["votes"]))
    changed = {
        one["address"]: one["change"]["actions"]
        for one in again["resource_changes"]
        if one["change"]["actions"] != ["no-op"]
    }
    aliases = {f"module.votes.module.{function}.aws_lambda_alias.live": ["update"] for function in OLD_FUNCTIONS}
    assert {address: changed.get(address) for address in aliases} == aliases, "the next plan shows that they were moved"
    assert not [address for address in changed if "aws_lambda_function." in address]


def _packaged(before: Path, folder: Path) -> Path:
    """A variables file that names the old release's zips, with the packages that are locked now."""
    inputs = Inputs(before / "lambda_src", ROOT / "requirements/functions.txt", ROOT / "build/wheels")
    build(TARGETS["local"], inputs, folder / "packages", lambda _: None)
    return folder / "packages/packages.tfvars.json"


def _vote(deployment: Deployment, voters: range, score: int) -> None:
    """Each voter gives the title this score, in a ballot of its own."""
    ballots = [{"voter_id": f"v{one}", "title_id": "upgraded", "votes": {"story": score}} for one in voters]
    assert ask(deployment, "POST", "/v1/ballots", {"ballots": ballots}).status == 202


def _takes_the_probes_title(deployment: Deployment) -> bool:
    ballot = {"voter_id": "somebody", "title_id": "probe", "votes": {"story": 1}}
    return ask(deployment, "POST", "/v1/ballots", ballot).status == 202


def _counted(deployment: Deployment) -> Json:
    """The story's histogram, without zeros, as the API says it."""
    answer = ask(deployment, "GET", "/v1/titles/upgraded/results")
    histogram = (answer.body or {}).get("aspects", {}).get("story", {}).get("histogram", {})
    return {score: n for score, n in histogram.items() if n}


def _until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline, f"not within {SECONDS:.0f} s"
        time.sleep(0.2)


def _depth(deployment: Deployment, queue: str) -> int:
    return depth(deployment.client("sqs"), deployment.outputs["queues"][queue]["url"]).total


def _versions(deployment: Deployment) -> dict[str, str]:
    """The version that each function's alias points at."""
    client = deployment.client("lambda")
    functions = deployment.outputs["functions"].items()
    return {
        name: client.get_alias(FunctionName=one["name"], Name=one["alias"])["FunctionVersion"]
        for name, one in functions
    }


def _rolled_back(deployment: Deployment, *, dry_run: bool = False) -> str:
    console = Console(width=200, file=io.StringIO(), record=True)
    assert rollback.run([(deployment, VOTES)], console, dry_run=dry_run) == 0
    return console.export_text()


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_what_holds_something_keeps_its_address_its_name_and_its_keys(
    environment: str, before: Path, tmp_path: Path
) -> None:
    """Each planned from an empty state: whatever forces a replacement is the same in both."""
    forces = ("name", "bucket", "hash_key", "range_key", "attribute", "fifo_queue", "protocol_type", "function_name")
    then = resources(offline(environment, tmp_path, plan.packages(), root=before))
    now = resources(plan.plan(environment))
    compared = 0
    for was, values in then.items():
        if was.split(".")[-2] in KEPT | GOES_ON:
            address = _moved(was)
            assert address in now, f"{address} is gone: add a moved block, or it is destroyed with what it holds"
            named = [name for name in forces if (address.split(".", 2)[-1], name) not in IGNORED]
            assert {name: values.get(name) for name in named} == {name: now[address].get(name) for name in named}, (
                address
            )
            compared += 1
    assert compared > 20


def _moved(address: str) -> str:
    """Where the pipeline's `moved` blocks say that a resource is now."""
    text = "\n".join(path.read_text() for path in (ROOT / "terraform" / "pipelines" / "votes").glob("*.tf"))
    for was, now in re.findall(r"^moved \{\s+from\s+= (\S+)\s+to\s+= (\S+)", text, re.MULTILINE):
        address = re.sub(rf"^module\.votes\.{re.escape(was)}(?=[.\[]|$)", f"module.votes.{now}", address)
    return address
