"""docs/how-to/reuse.md, followed to the letter: the order intake, from a folder outside of the
repository, on the local cloud.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.left import processes_in
from tests.support.project_copy import SET_UP, copy_project
from tests.terraform.hcl import examples
from tools.common.paths import ROOT
from tools.local_cloud.runs import Run
from tools.operations.deployment import Deployment

PAGE = ROOT / "docs/how-to/reuse.md"
TEXT = PAGE.read_text()
FUNCTIONS = dict(re.findall(r"^`(src/orders/\w+\.py)`:\n\n```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
BLOCKS = re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
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
    """A copy of the project, with `orders` beside it, as the page draws them."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "sluice").mkdir()
    copy = copy_project(folder / "sluice")
    (folder / "orders/infra").mkdir(parents=True)
    (folder / "orders/infra/main.tf").write_text(examples(PAGE)[0])
    (folder / "orders/infra/provider.tf").write_text(THEIR_PROVIDER)
    for name, source in FUNCTIONS.items():
        (folder / "orders" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "orders" / name).write_text(source)
    try:
        yield copy
    finally:
        shell(copy, "make down")
    assert processes_in(copy) == []


def shell(folder: Path, commands: str, *, fails: bool = False) -> str:
    """What a block of commands prints, run as a person would."""
    binaries = folder.parent / "bin"
    binaries.mkdir(exist_ok=True)
    make = binaries / "make"
    make.write_text(f'#!/bin/sh\nexec {shutil.which("make")} {" ".join(SET_UP)} "$@"\n')  # set up already
    make.chmod(0o755)
    path = f"{binaries}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder, env={"PATH": path, "HOME": str(folder.parent), "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert (done.returncode != 0) == fails, f"{commands}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stderr if fails else done.stdout


def _listed(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _until_dead_letters(deployment: Deployment, count: int, bound: float = 60) -> None:
    url = deployment.outputs["queues"]["orders"]["dead_letter_url"]
    deadline = time.monotonic() + bound
    name = "ApproximateNumberOfMessages"
    while True:
        found = deployment.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
        if int(found) == count:
            return
        assert time.monotonic() < deadline, f"{found} dead letters after {bound} s"
        time.sleep(0.2)


def _entered(deployment: Deployment, *wanted: str, bound: float = 30) -> None:
    deadline = time.monotonic() + bound
    while True:
        items = deployment.client("dynamodb").scan(TableName="orders-book")["Items"]
        found = sorted(item["order_id"]["S"] for item in items)
        if found == sorted(wanted):
            return
        assert time.monotonic() < deadline, f"{found} were entered after {bound} s"
        time.sleep(0.2)


def _mend(functions: Path) -> None:
    """Let enter do without an item, and take send batches: that needs no other right on AWS."""
    batch = "Entries=[{'Id': '0', 'MessageBody': json.dumps(order)}]"
    for name, was, now in (
        ("enter.py", 'order["item"]', 'order.get("item", "?")'),
        ("take.py", "send_message(", "send_message_batch("),
        ("take.py", "MessageBody=json.dumps(order)", batch),
    ):
        text = (functions / name).read_text()
        assert was in text
        (functions / name).write_text(text.replace(was, now))


def test_the_page_from_up_to_down(sluice: Path) -> None:
    orders, before = sluice.parent / "orders", _listed(sluice.parent / "orders")
    up, looked, mended = BLOCKS
    said = shell(sluice, up)
    assert '{"accepted": "o-1"}' in said
    assert '{"accepted": "o-2"}' in said
    run = Run(sluice / "build/local")
    deployment = Deployment.local(run)
    assert (deployment.pipeline, deployment.outputs["region"]) == ("orders", "eu-west-1")
    _until_dead_letters(deployment, 1)
    _entered(deployment, "o-1")

    said = shell(sluice, looked)
    assert re.search(r"│ orders .*│ 1  make", said), "status counts it and names the command"
    assert '"kind": "KeyError"' in said, "logs show what the function said"
    assert "KeyError at enter in enter" in " ".join(re.sub("[│┃]", " ", said).split())
    assert "it was a dry run" in said
    assert _listed(orders) == before, "nothing is written beside it"

    _mend(orders / "src/orders")
    up_again, redrive, down = mended.strip().splitlines()
    shell(sluice, up_again)
    assert "1 moved back to orders, 0 left" in shell(sluice, redrive)
    assert '{"accepted": "o-3"}' in shell(sluice, "\n".join(up.replace("o-2", "o-3").splitlines()[1::3]))
    _entered(deployment, "o-1", "o-2", "o-3")
    for other, words in (
        ("make recount", "there is no pipeline 'votes': PIPELINE is one of orders"),
        ("make smoke", "too little is known of orders"),
        ("make status PIPELINE=votes", "PIPELINE is one of orders"),
        ("make up", "holds " + str(orders / "infra")),
    ):
        assert words in shell(sluice, other, fails=True)
    shell(sluice, down)
    assert run.root() == ""
    assert not run.outputs_file.exists()


def test_both_functions_are_short() -> None:
    assert sorted(FUNCTIONS) == ["src/orders/enter.py", "src/orders/take.py"]
    assert max(len(source.splitlines()) for source in FUNCTIONS.values()) <= 25


def test_what_cannot_work_is_said(sluice: Path, tmp_path: Path) -> None:
    infra, source = sluice.parent / "orders/infra", sluice.parent / "orders/src"
    shutil.copytree(source / "orders", tmp_path / "without/orders")
    (tmp_path / "without/orders/enter.py").rename(tmp_path / "without/orders/entry.py")
    (tmp_path / "empty").mkdir()
    for variables, words in {
        "": "name your folder of .tf files: make try DIR=",
        f"DIR={tmp_path / 'nowhere'}": "is no folder with .tf files in it",
        f"DIR={infra} SOURCE={tmp_path / 'nowhere'}": "there is no folder",
        f"DIR={infra} SOURCE={tmp_path / 'empty'}": "a function is a module <pipeline>/<function>.py",
        f"DIR={infra} VARS={tmp_path / 'nowhere'}": "there is no file",
        f"DIR={infra}": 'The root module input variable "packages" is not set',
        f"DIR={infra} SOURCE={tmp_path / 'without'}": "SOURCE gives it orders-entry, orders-take",
    }.items():
        said = " ".join(re.sub("[│╷╵]", " ", shell(sluice, f"make try {variables}", fails=True)).split())
        assert words in said, said
        assert "Traceback" not in said
