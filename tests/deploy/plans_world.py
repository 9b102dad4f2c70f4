"""A small project in a git repository of its own, and an account on the emulator for it.

Its pipeline has one function, one table, one queue.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tools.common.paths import ROOT
from tools.deploy import packages, promote, propose
from tools.deploy.packages import Package
from tools.deploy.target import Target
from tools.environment.names import PIPELINES
from tools.environment.staging import files_of
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run

ACCOUNT = "111111111111"
STATE = "votes/terraform.tfstate"

MAIN = """
provider "aws" {
  region              = local.region
  allowed_account_ids = [local.account_id]
}

module "votes" {
  source   = "../../terraform/pipelines/votes"
  packages = var.packages
}

variable "packages" {
  type = map(object({ bucket = string, key = string, hash = string }))
}
"""
# As small as these tests and what environments/local/votes_emulator.tf grants beside it allow.
PIPELINE = """
variable "packages" {
  type = map(object({ bucket = string, key = string, hash = string }))
}

module "count" {
  source  = "../../modules/function"
  name    = "small-count"
  handler = "count.handler"
  package = var.packages["count"]
}

resource "aws_dynamodb_table" "rows" {
  name         = "small-rows"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_sqs_queue" "work" {
  name                       = "small-work"
  visibility_timeout_seconds = 30
}

resource "aws_iam_role" "other" {
  for_each = toset(["receive", "process", "write", "tally", "results", "vote", "rank", "conservation", "probe"])

  name               = "small-${each.key}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

output "functions" {
  value = { for name, role in aws_iam_role.other : name => { role = role.name, log_group = module.count.log_group } }
}

output "queues" {
  value = { for name in ["ingest", "count", "tick"] : name => { arn = aws_sqs_queue.work.arn } }
}
"""


@dataclass
class World:
    """The project at `root`, the account's clients, and what the commands said."""

    root: Path
    code: str = "one"  # what the function answers
    wanted: str = ""  # the seconds that the last change asks for
    said: list[str] = field(default_factory=list)

    @property
    def target(self) -> Target:
        return Target("dev", self.root)

    @property
    def pipeline(self) -> Path:
        return self.root / "terraform/pipelines/votes/main.tf"

    @property
    def bucket(self) -> str:
        return f"sluice-dev-artifacts-{ACCOUNT}"

    @property
    def output(self) -> str:
        return "\n".join(self.said)

    def client(self, service: str) -> Any:
        return self.target.client(service)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True, env={**os.environ, **GIT}
        )
        return done.stdout.strip()

    def change(self) -> str:
        """Make the queue's visibility a second longer, and commit that; what it is to be."""
        text = self.pipeline.read_text()
        seconds = int(re.findall(r"visibility_timeout_seconds = (\d+)", text)[0])
        self.write(text.replace(f"= {seconds}\n", f"= {seconds + 1}\n"))
        return str(seconds + 1)

    def write(self, text: str) -> None:
        """Write the pipeline and commit it."""
        self.pipeline.write_text(text)
        self.git("commit", "-qam", "change")

    def propose(self) -> int:
        self.said.clear()
        return propose.run(self.target, self.said.append)

    def promote(self, **options: Any) -> int:
        self.said.clear()
        return promote.run(self.target, self.said.append, **options)

    @property
    def key(self) -> str:
        """Where this tree's review is."""
        return f"reviews/{self.git('rev-parse', 'HEAD^{tree}')}.json"

    def review(self) -> dict[str, Any]:
        """This tree's review, as it is stored."""
        return dict(json.loads(self.read(self.key)))

    def stored(self) -> set[str]:
        """The keys in the artifact bucket."""
        listed = self.client("s3").list_objects_v2(Bucket=self.bucket)
        return {item["Key"] for item in listed.get("Contents", ())}

    def forget(self) -> None:
        """Delete this tree's review, as nobody but an administrator may."""
        self.client("s3").delete_object(Bucket=self.bucket, Key=self.key)

    def read(self, key: str) -> bytes:
        body: bytes = self.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def overwrite(self, key: str, body: bytes) -> None:
        """As the bucket's policy lets nobody but an administrator do."""
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)

    def state(self) -> dict[str, Any]:
        """The environment's state."""
        body = self.client("s3").get_object(Bucket=f"sluice-dev-state-{ACCOUNT}", Key=STATE)["Body"].read()
        return dict(json.loads(body))

    def put_state(self, state: Mapping[str, Any]) -> None:
        """Put another state, as an apply does."""
        body = json.dumps(state).encode()
        self.client("s3").put_object(Bucket=f"sluice-dev-state-{ACCOUNT}", Key=STATE, Body=body)

    def state_moves_on(self) -> None:
        """Another apply went by, that changed nothing of ours."""
        state = self.state()
        self.put_state(state | {"serial": state["serial"] + 1})

    def answer(self) -> Any:
        """What the deployed function answers through its alias."""
        invoked = self.client("lambda").invoke(FunctionName="small-count", Qualifier="live", Payload=b"{}")
        return json.load(invoked["Payload"])

    @property
    def queue(self) -> dict[str, str]:
        """What names the deployed queue."""
        return {"QueueUrl": self.client("sqs").get_queue_url(QueueName="small-work")["QueueUrl"]}

    def seconds(self) -> str:
        """The deployed queue's visibility."""
        answer = self.client("sqs").get_queue_attributes(**self.queue, AttributeNames=["VisibilityTimeout"])
        return str(answer["Attributes"]["VisibilityTimeout"])

    def build(self, _: Target, *, afresh: bool = False) -> tuple[Sequence[Package], Path]:
        """In place of the packager: one zip, whose function answers with `code`."""
        folder = self.root / "build/zips"
        folder.mkdir(parents=True, exist_ok=True)
        code = f"def handler(event, context):\n    print('ran')\n    return {self.code!r}\n"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as package:
            package.writestr(zipfile.ZipInfo("count.py"), code)
        content = buffer.getvalue()
        (folder / "count.zip").write_bytes(content)
        return [Package("count", hashlib.sha256(content).hexdigest(), len(content))], folder


GIT = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@contextmanager
def account(folder: Path) -> Iterator[None]:
    """An emulator of its own, with this process signed in to dev's account there."""
    run = Run(folder / "run")
    state = emulator.start(run)
    variables = {**emulator.credentials(state), "AWS_ACCESS_KEY_ID": ACCOUNT}
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
                patch.delenv(name, raising=False)
            yield
    finally:
        emulator.stop(run)


def repository(root: Path, *, small: bool = True) -> World:
    """The project's Terraform in a repository with one commit: `small`, or as it is."""
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "account")
    shutil.copytree(ROOT / "terraform", root / "terraform", ignore=ignored)
    shutil.copytree(ROOT / "environments", root / "environments", ignore=ignored)
    world = World(root)
    if small:
        shutil.rmtree(world.pipeline.parent)
        world.pipeline.parent.mkdir()
        world.pipeline.write_text(PIPELINE)
        dev = root / "environments/dev"
        (dev / "environment.tf").write_text(MAIN)
        for file in (path for pipeline in PIPELINES for path in files_of(pipeline, dev)):
            if file.name != "votes_sizing.tf":  # by that file an environment has votes
                file.unlink()
    (root / ".gitignore").write_text("build/\n")
    world.git("init", "-q")
    world.git("add", "--all")
    world.git("commit", "-qm", "one")
    return world


@contextmanager
def small_world(folder: Path) -> Iterator[World]:
    """A small project, and its account with the two buckets that `make account` makes."""
    world = repository(folder / "project")
    with account(folder), pytest.MonkeyPatch.context() as patch:
        patch.setattr(packages, "build", world.build)
        for bucket in (f"sluice-dev-state-{ACCOUNT}", world.bucket):
            world.client("s3").create_bucket(Bucket=bucket)
        yield world
