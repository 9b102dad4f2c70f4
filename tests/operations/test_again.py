"""The command that brings back what is up, as status and smoke propose it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.local_cloud.root_module import RootModule
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment, brought_up_by

THEIRS = RootModule(Path("/t/infra"), Path("/t/their src"))


@pytest.mark.parametrize(
    ("root", "up", "command"),
    [
        (None, ["votes"], "make up PIPELINE=votes"),
        (None, ["harvest"], "make up PIPELINE=harvest"),
        (None, ["harvest", "receipts", "votes"], "make up"),
        (THEIRS, ["orders"], "make try DIR=/t/infra 'SOURCE=/t/their src'"),
    ],
)
def test_on_the_local_cloud_it_is_what_was_brought_up(
    tmp_path: Path, root: RootModule | None, up: list[str], command: str
) -> None:
    run = Run(tmp_path)
    if root:
        run.root_file.write_text(json.dumps({"folder": str(root.folder), "command": root.command}))
    found = brought_up_by(run, {name: {} for name in up} | {"region": "us-east-1"})
    assert found == command
    assert Deployment("local", {}, "http://here", {}, brought_up_by=found).again == command


def test_of_an_account_it_is_its_apply() -> None:
    assert Deployment("prod", {}, None, {}).again == "make apply ENV=prod"
