"""An environment as it is, proposed and promoted on the local cloud: its functions run from the zips in the artifact bucket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo.bad_input import GOOD
from devcloud import emulator
from operations.api import ask
from operations.place import Place
from release import promote, propose
from tests.release.plans_world import ACCOUNT, account, repository

pytestmark = pytest.mark.filterwarnings("ignore:.*(subprocess .* is still running|Popen.__del__).*")


def test_dev_is_applied_from_its_reviewed_plan_and_takes_a_ballot(tmp_path: Path) -> None:
    world = repository(tmp_path / "project", small=False)
    with account(tmp_path):
        for bucket in (f"sluice-dev-state-{ACCOUNT}", world.bucket):
            world.client("s3").create_bucket(Bucket=bucket)
        assert propose.propose(world.ground, world.said.append) == 0
        assert "CAUTION" not in world.ground.file(".md").read_text()
        assert (world.ground.file(".json").stat().st_mode | world.ground.file(".tfplan").stat().st_mode) & 0o077 == 0, (
            "they hold all values"
        )
        assert promote.promote(world.ground, world.said.append) == 0
        assert "sluice-dev-votes-receive: version 1" in world.told

        with world.ground.terraform() as terraform:
            outputs = {name: output["value"] for name, output in json.loads(terraform("output", "-json").stdout).items()}
        keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": emulator.KEY, "endpoint_url": str(world.ground.endpoint)}
        answer = ask(Place("dev", outputs, world.ground.endpoint, keys), "POST", "/v1/ballots", {"ballots": [GOOD]})
        assert answer.status == 202
