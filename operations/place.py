"""The deployment that an operation works on: Terraform's outputs and AWS clients, on the local cloud or on AWS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from devcloud import emulator, guard, terraform
from devcloud.runs import ROOT, LocalCloudError, Run


@dataclass(frozen=True)
class Place:
    """One deployment of the votes pipeline. `endpoint` is the emulator's address, or None on AWS."""

    name: str
    outputs: dict[str, Any]
    endpoint: str | None
    credentials: dict[str, str]

    @classmethod
    def local(cls, run: Run) -> Place:
        """The local cloud of a run. Raises LocalCloudError when it is not up."""
        if not emulator.alive(run):
            raise LocalCloudError(f"nothing is up in {run.folder}: run `make up` first")
        state = run.state()
        keys = {"endpoint_url": state["endpoint"], "aws_access_key_id": emulator.KEY, "aws_secret_access_key": emulator.KEY}
        return cls("local", run.outputs(), state["endpoint"], keys)

    @classmethod
    def on_aws(cls, environment: str) -> Place:
        """An environment that was applied to AWS, reached with the credentials that the AWS tools would use."""
        folder = ROOT / "environments" / environment
        if not folder.is_dir():
            known = ", ".join(sorted(path.name for path in (ROOT / "environments").iterdir() if path.is_dir()))
            raise LocalCloudError(f"there is no environment {environment!r}: ENV is one of {known}")
        guard.refuse_wrong_account(environment)
        terraform.run(["init", "-input=false"], folder)
        found = json.loads(terraform.run(["output", "-json"], folder).stdout)
        if not found:
            raise LocalCloudError(f"{environment} has no outputs: run `make apply ENV={environment}` first")
        return cls(environment, {name: output["value"] for name, output in found.items()}, None, {})

    def client(self, service: str) -> Any:
        """A boto3 client of this place's region."""
        return self._session.client(service, **self.credentials)

    @cached_property
    def _session(self) -> Any:
        import boto3  # 0.2 s that a command which only prints an error need not spend

        return boto3.Session(region_name=self.outputs["region"])


def find(environment: str) -> Place:
    """The place that ENV names; "local" is the one of `make up`."""
    return Place.local(Run.named("local")) if environment == "local" else Place.on_aws(environment)
