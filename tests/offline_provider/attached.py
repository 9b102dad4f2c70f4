"""Terraform with the provider attached, and the emulator behind it."""

import json
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tools.environment import terraform
from tools.local_cloud import emulator

HEAD = (
    'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = ">= 6.29, < 7.0" }\n  }\n}\n'
)


@dataclass
class Root:
    """A root module in a folder, and the provider that its Terraform is attached to."""

    folder: Path
    reattach: dict[str, Any]

    def run(self, *arguments: str, code: int = 0) -> str:
        """Terraform's output; fails the test when it does not end with `code`."""
        command = [terraform.executable(), *arguments, "-no-color"]
        environment = terraform.environment(self.reattach)
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def init(self) -> "Root":
        """This root, initialised."""
        self.run("init", "-input=false")
        return self

    def outputs(self) -> dict[str, Any]:
        """Its outputs' values by name."""
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}


@dataclass
class Cloud:
    """An emulator that runs, and the provider attached to it."""

    endpoint: str
    reattach: dict[str, Any]

    def client(self, service: str) -> Any:
        """A boto3 client of a service."""
        keys = {"aws_access_key_id": emulator.KEY, "aws_secret_access_key": emulator.KEY}
        make: Any = boto3.client
        return make(service, endpoint_url=self.endpoint, region_name="us-east-1", **keys)


def write_root(folder: Path, text: str) -> Path:
    """A root module of one file with the AWS provider required."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf").write_text(HEAD + text)
    return folder


def write_package(path: Path, answer: str) -> Path:
    """A function's zip that answers with `answer` and its variable ROUND."""
    code = (
        "import os\n\ndef handler(event, context):\n    print('called')\n"
        f"    return {{'statusCode': 200, 'body': '{answer} ' + os.environ['ROUND']}}\n"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("main.py", (1980, 1, 1, 0, 0, 0)), code)
    return path
