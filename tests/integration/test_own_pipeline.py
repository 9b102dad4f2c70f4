"""docs/how-to/own-pipeline.md to the letter: a team's first hour, outside of the repository."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.own import copied, shell, watching
from tests.support.left import processes_in
from tools.common.paths import ROOT
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment
from tools.operations.invoke import invoke

pytestmark = pytest.mark.slow

TEXT = (ROOT / "docs/how-to/own-pipeline.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
TAKE, UP, SEND, LOOK, ASK, WATCH, BACK, WELL, JUDGE, DOWN = BLOCKS
# theirs, for the real account; here another one, and no such bucket
THEIR_PROVIDER = """
terraform {
  backend "s3" {
    bucket = "acme-state"
    key    = "orders"
    region = "eu-west-1"
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["123456789012"]
}
"""


@pytest.fixture(scope="module")
def sluice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    copy = copied(tmp_path_factory.mktemp("own"))
    shell(copy, TAKE)
    main = copy.parent / "theirs/infra/main.tf"
    main.write_text(re.sub(r'^provider "aws" \{\n.*?^\}\n', "", main.read_text(), flags=re.MULTILINE | re.DOTALL))
    (main.parent / "provider.tf").write_text(THEIR_PROVIDER)
    try:
        yield copy
    finally:
        shell(copy, "make down")
    assert processes_in(copy) == []


def _listed(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _until(done: Callable[[], object], bound: float = 60) -> None:
    deadline = time.monotonic() + bound
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _dead_letters(deployment: Deployment) -> int:
    url, name = deployment.outputs["queues"]["orders"]["dead_letter_url"], "ApproximateNumberOfMessages"
    found = deployment.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(found["Attributes"][name])


def _entered(deployment: Deployment) -> set[str]:
    return {one["order_id"]["S"] for one in deployment.client("dynamodb").scan(TableName="orders-book")["Items"]}


def _versions(deployment: Deployment) -> dict[str, str]:
    client, functions = deployment.client("lambda"), ("take", "enter", "conservation")
    return {one: client.get_alias(FunctionName=f"orders-{one}", Name="live")["FunctionVersion"] for one in functions}


def _assert_well(said: str) -> None:
    assert "orders: 2 witnesses accepted; 0 missing" in said
    assert "refuses_no_order: POST /orders answered 400, as it should" in said
    assert "all held for 0.1 minutes" in said


def _assert_back(said: str, deployment: Deployment, was: dict[str, str]) -> None:
    assert "orders-take: stays at version 1" in said
    assert _versions(deployment) == was, "what the edit changed, and no other"


def test_the_hour(sluice: Path) -> None:
    theirs = sluice.parent / "theirs"
    before = _listed(theirs)
    assert "modules of this checkout, in place of the release that they name: orders, book" in shell(sluice, UP)
    said = shell(sluice, SEND)
    assert '{"accepted":"o-1"}' in said
    assert '{"accepted":"o-2"}' in said
    deployment = Deployment.local(Run(sluice / "build/local"))
    assert (deployment.pipeline, deployment.outputs["region"]) == ("orders", "eu-west-1")
    _until(lambda: _dead_letters(deployment) == 1 and _entered(deployment) == {"o-1"})

    status, look = LOOK.split("\n", 1)
    shell(sluice, status, fails=True)  # it is not well
    said = shell(sluice, f"{status} || true\n{look}")
    assert "NOT WELL: 1 dead letter in orders → make redrive PIPELINE=orders" in said
    assert "KeyError" in said, "logs show what the function said"
    assert "it was a dry run" in said
    assert "'order_id': {'S': 'o-1'}" in shell(sluice, ASK)
    assert _listed(theirs) == before, "nothing is written beside it"
    assert "0 failed" in shell(sluice, JUDGE)

    was, enter = _versions(deployment), theirs / "src/orders/enter.py"
    with watching(sluice, WATCH.strip()) as until:
        until("watching for edits")
        enter.write_text(enter.read_text().replace('order["item"]', 'order.get("item", "?")'))
        until("enter.py: replaced orders-enter: ")
    assert _versions(deployment) == was | {"enter": "2"}, "the changed function alone"
    assert "1 moved back to orders, 0 left" in shell(sluice, BACK)
    _until(lambda: _entered(deployment) == {"o-1", "o-2"})
    looked = invoke(deployment, "conservation", {})
    assert (looked["accepted"], looked["missing"], looked["mappings_off"]) == (2, 0, [])
    _assert_well(shell(sluice, WELL))
    _assert_back(shell(sluice, "make rollback"), deployment, was)
    for other, words in (
        ("make recount", "there is no pipeline 'votes': PIPELINE is one of orders"),
        ("make up", f"holds {theirs / 'infra'}"),
    ):
        assert words in shell(sluice, other, fails=True)
    shell(sluice, DOWN)
    assert not Run(sluice / "build/local").outputs_file.exists()


def test_what_cannot_work_is_said(sluice: Path, tmp_path: Path) -> None:
    infra, source = sluice.parent / "theirs/infra", sluice.parent / "theirs/src"
    shutil.copytree(source, tmp_path / "without")
    (tmp_path / "without/orders/enter.py").rename(tmp_path / "without/orders/entry.py")
    (tmp_path / "empty").mkdir()
    for variables, words in {
        "": "name your folder of .tf files: make try DIR=",
        f"DIR={tmp_path / 'nowhere'}": "is no folder with .tf files in it",
        f"DIR={infra} SOURCE={tmp_path / 'nowhere'}": "there is no folder",
        f"DIR={infra} SOURCE={tmp_path / 'empty'}": "a function is a module <pipeline>/<function>.py",
        f"DIR={infra} VARS={tmp_path / 'nowhere'}": "there is no file",
        f"DIR={infra}": 'The root module input variable "packages" is not set',
        f"DIR={infra} SOURCE={tmp_path / 'without'}": "SOURCE gives it orders-conservation, orders-entry, orders-take",
    }.items():
        said = " ".join(re.sub("[│╷╵]", " ", shell(sluice, f"make try {variables}", fails=True)).split())
        assert words in said, said
        assert "Traceback" not in said
