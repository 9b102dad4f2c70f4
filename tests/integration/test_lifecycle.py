"""environments/local through python-terraform: init, plan, apply, an empty second plan, destroy.

And: what is stopped is gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_terraform import IsFlagged, Terraform

from tests.support.left import processes_in
from tools.common.paths import ROOT
from tools.environment import terraform, zips
from tools.environment.staging import staged
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run
from tools.offline_provider import serve
from tools.operations.deployment import Deployment
from tools.traffic.client import Client
from tools.traffic.votes import api
from tools.traffic.votes.bad_input import GOOD, ballots_request

# python-terraform warns of every exit code but 0 by a deprecated call, and 2 is the good one of a
# plan with changes
pytestmark = pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning")


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Run, Terraform, dict[str, Any]]]:
    """An emulator of this test's own beside the session's, and Terraform at work in a staged copy
    with the attached provider.
    """
    run = Run(tmp_path / "run")
    variables = str(zips.package("local", pipelines=("votes",)))
    try:
        endpoint = emulator.start(run)["endpoint"]
        with serve(endpoint) as reattach:
            for name, value in terraform.environment(reattach, {"AWS_ENDPOINT_URL": endpoint}).items():
                monkeypatch.setenv(name, value)
            copy = staged(ROOT / "environments" / "local", run.folder, pipelines=("votes",))
            yield (
                run,
                Terraform(working_dir=str(copy), terraform_bin_path=terraform.executable()),
                {"var_file": variables, "input": False},
            )
    finally:
        emulator.stop(run)
    assert processes_in(run.folder) == []


def test_init_plan_apply_empty_second_plan_destroy(
    cloud: tuple[Run, Terraform, dict[str, Any]], deployment: Deployment
) -> None:
    run, terraform_here, options = cloud
    lock_before = _locks()
    _succeeded(terraform_here.init(backend=None, reconfigure=None))

    code, said, errors = terraform_here.plan(**options)
    assert code == 2, errors
    assert "0 to change, 0 to destroy" in said

    _succeeded(terraform_here.apply(skip_plan=True, **options))
    outputs = terraform_here.output(json=IsFlagged)
    assert set(outputs) == {"votes", "votes_api_url", "region", "account_id"}
    made = {"queues", "tables", "functions", "mappings", "quarantine_bucket", "settings"}
    assert made <= set(outputs["votes"]["value"])
    run.outputs_file.write_text(json.dumps(outputs))

    code, said, errors = terraform_here.plan(**options)
    assert code == 0, f"the second plan is not empty:\n{said}{errors}"

    here = Deployment.local(run)
    client = Client(here.outputs["api_url"])
    assert api.post(client, ballots_request([GOOD])).status == 202
    client.close()
    assert processes_in(run.folder), "a function runs, to be stopped with the emulator"

    assert here.endpoint != deployment.endpoint, "two local clouds at once"
    _succeeded(terraform_here.destroy(force=None, auto_approve=True, **options))
    assert here.client("sqs").list_queues().get("QueueUrls", []) == []
    assert here.client("dynamodb").list_tables()["TableNames"] == []
    assert deployment.client("dynamodb").list_tables()["TableNames"] != []
    assert _locks() == lock_before, "the attached provider touches no lock file"


def _succeeded(result: tuple[int, str, str]) -> None:
    code, said, errors = result
    assert code == 0, said + errors


def _locks() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (ROOT / "environments").glob("*/.terraform.lock.hcl")}
