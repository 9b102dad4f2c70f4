"""What an account's administrator does.

They make what it needs once with `make account`, and take it away again at the very end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tools.common import loopback
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import terraform
from tools.environment.staging import in_file, keep_state, staged
from tools.rehearsal.account import Account
from tools.rehearsal.children import Children
from tools.rehearsal.deploy import SECONDS, Root

# What the emulator asks of a function where AWS asks for another action
# (environments/local/*_emulator.tf), which the boundary leaves out.
_EMULATOR_ONLY = {
    "Effect": "Allow",
    "Action": [
        "dynamodb:BatchExecuteStatement",
        "lambda:ListEventSourceMappings",
        "logs:FilterLogEvents",
    ],
    "Resource": "*",
}


def make_account(account: Account, by: Account, children: Children) -> CompletedProcess[str]:
    """What `make account` runs, with somebody's credentials, however it ends."""
    command = (
        "-m",
        "tools.deploy",
        "--env",
        account.environment,
        "account",
        "--confirm",
        "--folder",
        str(account.run.folder / "account"),
    )
    variables = {**loopback.environment(), "PYTHONPATH": f"{ROOT}:{ROOT / 'lambda_src'}", **by.variables}
    return children.run([sys.executable, *command], ROOT, variables, SECONDS)


class Administrator:
    """The administrator of one account."""

    def __init__(self, account: Account, children: Children) -> None:
        self.account = account
        self._children = children
        self._folder = account.run.folder / "administrator"
        self._root = Root(staged(account.source / "account", self._folder, own_backend=True), account, children)
        self.outputs: dict[str, Any] = {}

    def make(self) -> None:
        """`make account ENV=… CONFIRM=yes`.

        With a local state first, which it moves into the bucket that it made.
        """
        done = make_account(self.account, self.account, self._children)
        if done.returncode:
            raise CommandError(f"`make account ENV={self.account.environment}` failed:\n{done.stdout}{done.stderr}")

    def second_plan(self) -> list[str]:
        """Plan again from the state in the bucket: empty, or the problem.

        Learns the account's outputs on the way.
        """
        self._root.init(terraform.PATH_STYLE)
        self.outputs = {name: output["value"] for name, output in json.loads(self._root.run("output", "-json")).items()}
        return self._root.second_plan()

    def grant_emulator_actions(self) -> None:
        """Let the boundary of the functions' roles through what only the emulator asks for.

        The roles' own policies still hold.
        """
        iam, arn = self.account.client("iam"), self.outputs["boundary"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        document = json.loads(document) if isinstance(document, str) else document
        wider = {**document, "Statement": [*document["Statement"], _EMULATOR_ONLY]}
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(wider), SetAsDefault=True)

    def leave(self) -> None:
        """Give the account up.

        The state comes back to this machine, what keeps its bucket is lifted, buckets are emptied,
        all is destroyed.
        """
        keep_state(self._root.copy, in_file(self._folder / "terraform.tfstate"))
        self._root.init("-migrate-state", "-force-copy")
        self._allow_destroy(self._root.copy)
        for bucket in (self.outputs["artifact_bucket"], self.outputs["state_bucket"]):
            self._empty(bucket)
        self._root.run("destroy", "-input=false", "-auto-approve")

    @staticmethod
    def _allow_destroy(copy: Path) -> None:
        file = copy / "../../../terraform/modules/account/state.tf"
        text = file.read_text()
        if "prevent_destroy = true" not in text:
            raise CommandError(
                f"{file} does not keep the state's bucket from being destroyed any more: "
                "the rehearsal's end must follow"
            )
        file.write_text(text.replace("prevent_destroy = true", "prevent_destroy = false"))

    def _empty(self, bucket: str) -> None:
        """Delete every version of every object."""
        s3 = self.account.client("s3")
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
