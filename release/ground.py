"""Where an environment's Terraform runs: on AWS, or on the local cloud in its place. Nothing else in release/ knows which.

On AWS the real provider is at work, with the state in the environment's own S3 backend. Where AWS_ENDPOINT_URL is on this machine, so is
the cloud: the attached provider is at work, and the same S3 backend is on the emulator.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from devcloud import guard, plan, terraform
from devcloud.runs import ROOT, LocalCloudError
from devcloud.staging import bear_with_the_emulator, staged, value_of

WAIT_FOR_STATE = "-lock-timeout=120s"
APPLY_SECONDS = 3600.0


@dataclass(frozen=True)
class Terraform:
    """Terraform in the staged copy of an environment, initialised."""

    folder: Path
    reattach: Mapping[str, object] | None
    extra: Mapping[str, str]

    def __call__(self, *arguments: str, check: bool = True, timeout: float = 600) -> CompletedProcess[str]:
        """Run it. Raises LocalCloudError with its words when it fails and `check` is set."""
        return terraform.run(arguments, self.folder, self.reattach, extra=self.extra, check=check, timeout=timeout)

    def plan(self, out: Path, variables: Path) -> dict[str, Any]:
        """Plan into the file `out`, and return what it says (`terraform show -json`)."""
        self("plan", "-input=false", WAIT_FOR_STATE, f"-out={out.resolve()}", f"-var-file={variables.resolve()}")
        return self.show(out)

    def show(self, file: Path) -> dict[str, Any]:
        """What a plan file says. Raises LocalCloudError for one that this Terraform cannot read."""
        shown: dict[str, Any] = json.loads(self("show", "-json", str(file.resolve())).stdout)
        return shown

    def state(self) -> dict[str, Any]:
        """The state, as `terraform show -json` gives it."""
        shown: dict[str, Any] = json.loads(self("show", "-json").stdout)
        return shown

    @cached_property
    def version(self) -> str:
        """This Terraform's version, such as "1.15.5"."""
        return str(json.loads(self("version", "-json").stdout)["terraform_version"])


@dataclass(frozen=True)
class Ground:
    """One environment, and how it is reached. Raises LocalCloudError where there is no such environment."""

    environment: str
    root: Path = ROOT

    def __post_init__(self) -> None:
        plan.folder_of(self.environment, self.root)

    @property
    def folder(self) -> Path:
        """The environment's own folder; nothing is written there."""
        return self.root / "environments" / self.environment

    @property
    def plans(self) -> Path:
        """Where plans, their texts and the staged copies go."""
        folder = self.root / "build" / "plans"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def file(self, suffix: str) -> Path:
        """build/plans/<environment><suffix>."""
        return self.plans / f"{self.environment}{suffix}"

    @property
    def account(self) -> str:
        """The account that the environment is in, by its sizing.tf."""
        return guard.account_of(self.environment, self.root)

    @property
    def region(self) -> str:
        """The region that the environment is in, by its sizing.tf."""
        return value_of(self.folder / "sizing.tf", "region")

    @property
    def endpoint(self) -> str | None:
        """Where the local cloud is that stands for AWS; None on AWS."""
        return plan.local_cloud()

    @property
    def target(self) -> str:
        """What zips are for: "lambda", or "local" where the functions run on this machine."""
        return "local" if self.endpoint else "lambda"

    def client(self, service: str) -> Any:
        """A boto3 client with the credentials that the AWS tools would use."""
        import boto3

        make: Any = boto3.session.Session().client  # not the default one: that keeps the credentials it began with
        return make(service, region_name=self.region)

    def guard(self) -> None:
        """Go no further unless the credentials are of the environment's account. Raises LocalCloudError, naming both."""
        if self.environment == "local":
            raise LocalCloudError("environments/local lives on this machine: `make up` applies it, and nobody reviews its plans")
        reason = "" if self.endpoint else plan.why_offline(self.environment)
        if reason:
            raise LocalCloudError(f"this needs the account of {self.environment}, which is not reached {reason}: sign in and try again")
        guard.refuse_wrong_account(self.environment, self.root)

    @contextmanager
    def terraform(self, lock: bytes | None = None) -> Iterator[Terraform]:
        """Terraform in a fresh staged copy. `lock`: the provider lock file of the plan to apply, so that the same providers apply it."""
        from devcloud.provider import serve

        unbounded = {"permissions_boundary": None} if self.endpoint else None  # it has no action that only the emulator asks for
        copy = staged(self.folder, self.plans / self.environment, unbounded, own_backend=True)
        init = ["init", "-input=false"]
        if lock is not None:
            (copy / terraform.LOCK).write_bytes(lock)
            init.append("-lockfile=readonly")
        if not self.endpoint:
            here = Terraform(copy, None, {})
            here(*init)
            yield here
            return
        bear_with_the_emulator(copy)
        with serve(self.endpoint) as reattach:
            here = Terraform(copy, reattach, self._variables(self.endpoint))
            here(*init, terraform.PATH_STYLE)
            yield here

    def _variables(self, endpoint: str) -> dict[str, str]:
        """What Terraform and its S3 backend need to reach the local cloud as whoever we are."""
        import boto3

        found = boto3.session.Session().get_credentials()
        if found is None:
            raise LocalCloudError("there are no credentials: the local cloud takes the account's number as AWS_ACCESS_KEY_ID")
        keys = {"AWS_ACCESS_KEY_ID": found.access_key, "AWS_SECRET_ACCESS_KEY": found.secret_key}
        return keys | terraform.services_at(endpoint)
