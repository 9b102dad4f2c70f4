"""environments/local through python-terraform: init, plan, apply, an empty second plan, destroy. And: what is stopped is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_terraform import IsFlagged, Terraform

from demo.bad_input import GOOD, ballots_request
from demo.send import Client
from devcloud import emulator, stack, terraform
from devcloud.provider import serve
from devcloud.runs import ROOT, Run
from devcloud.staging import staged
from operations.place import Place
from tests.integration.conftest import processes_in

# python-terraform warns of every exit code but 0 by a deprecated call, and 2 is the good one of a plan with changes
pytestmark = pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning")


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Run, Terraform, dict[str, Any]]]:
    """An emulator of this test's own beside the session's, and Terraform at work in a staged copy with the attached provider."""
    run = Run(tmp_path / "run")
    variables = str(stack.package("local"))
    try:
        endpoint = emulator.start(run)["endpoint"]
        with serve(endpoint) as reattach:
            for name, value in terraform.environment(reattach, {"AWS_ENDPOINT_URL": endpoint}).items():
                monkeypatch.setenv(name, value)
            copy = staged(ROOT / "environments" / "local", run.folder)
            yield run, Terraform(working_dir=str(copy), terraform_bin_path=terraform.executable()), {"var_file": variables, "input": False}
    finally:
        emulator.stop(run)
    assert processes_in(run.folder) == []


def test_init_plan_apply_empty_second_plan_destroy(cloud: tuple[Run, Terraform, dict[str, Any]], place: Place) -> None:
    run, terraform_here, options = cloud
    lock_before = _locks()
    _succeeded(terraform_here.init(backend=None, reconfigure=None))

    code, said, errors = terraform_here.plan(**options)
    assert code == 2, errors
    assert "0 to change, 0 to destroy" in said

    _succeeded(terraform_here.apply(skip_plan=True, **options))
    outputs = terraform_here.output(json=IsFlagged)
    assert {"votes_api_url", "queues", "tables", "functions", "mappings", "quarantine_bucket", "settings"} <= set(outputs)
    run.outputs_file.write_text(json.dumps(outputs))

    code, said, errors = terraform_here.plan(**options)
    assert code == 0, f"the second plan is not empty:\n{said}{errors}"

    here = Place.local(run)
    client = Client(here.outputs["votes_api_url"])
    assert client.post(ballots_request([GOOD])).status == 202
    client.close()
    assert processes_in(run.folder), "a function runs, to be stopped with the emulator"

    assert here.endpoint != place.endpoint, "two local clouds at once"
    _succeeded(terraform_here.destroy(force=None, auto_approve=True, **options))
    assert here.client("sqs").list_queues().get("QueueUrls", []) == []
    assert here.client("dynamodb").list_tables()["TableNames"] == []
    assert place.client("dynamodb").list_tables()["TableNames"] != []
    assert _locks() == lock_before, "the attached provider touches no lock file"


def _succeeded(result: tuple[int, str, str]) -> None:
    code, said, errors = result
    assert code == 0, said + errors


def _locks() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (ROOT / "environments").glob("*/.terraform.lock.hcl")}
