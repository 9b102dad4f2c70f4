"""An environment as it is, proposed and promoted on the local cloud.

Its functions run from the zips in the artifact bucket.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deploy.plans_world import ACCOUNT, account, repository
from tools.deploy import promote, propose
from tools.environment.outputs import outputs_of
from tools.local_cloud import emulator
from tools.operations.api import ask
from tools.operations.deployment import Deployment
from tools.traffic.votes.bad_input import GOOD

pytestmark = pytest.mark.filterwarnings("ignore:.*(subprocess .* is still running|Popen.__del__).*")


def test_dev_is_applied_from_its_reviewed_plan_and_takes_a_ballot(tmp_path: Path) -> None:
    world = repository(tmp_path / "project", small=False)
    with account(tmp_path):
        for bucket in (f"sluice-dev-state-{ACCOUNT}", world.bucket):
            world.client("s3").create_bucket(Bucket=bucket)
        assert propose.run(world.target, world.said.append) == 0
        assert "CAUTION" not in world.target.file(".md").read_text()
        for suffix in (".json", ".tfplan"):
            assert world.target.file(suffix).stat().st_mode & 0o077 == 0, "it holds all values"
        assert promote.run(world.target, world.said.append) == 0
        assert "sluice-dev-votes-receive: version 1" in world.output

        with world.target.terraform() as terraform:
            shown = json.loads(terraform("output", "-json").stdout)
        outputs = {name: output["value"] for name, output in shown.items()}
        keys = {
            "aws_access_key_id": ACCOUNT,
            "aws_secret_access_key": emulator.KEY,
            "endpoint_url": str(world.target.endpoint),
        }
        deployment = Deployment("dev", outputs_of("votes", outputs), world.target.endpoint, keys)
        answer = ask(deployment, "POST", "/v1/ballots", {"ballots": [GOOD]})
        assert answer.status == 202
