"""Where an environment's Terraform runs: on AWS, or on the local cloud in its place.

Nothing else that proposes, promotes or looks for drift knows which.

On AWS the real provider is at work, with the state in the environment's own S3 backend. Where
AWS_ENDPOINT_URL is on this machine, so is the cloud: the attached provider is at work, and the same
S3 backend is on the emulator.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import guard, names, reach, terraform
from tools.environment.staging import grant_emulator_actions, staged

WAIT_FOR_STATE = "-lock-timeout=120s"
APPLY_SECONDS = 3600.0


@dataclass(frozen=True)
class Terraform:
    """Terraform in the staged copy of an environment, initialised."""

    folder: Path
    reattach: Mapping[str, object] | None
    extra: Mapping[str, str]

    def __call__(self, *arguments: str, check: bool = True, timeout: float = 600) -> CompletedProcess[str]:
        """Run it. Raises CommandError with its words when it fails and `check` is set."""
        return terraform.run(arguments, self.folder, self.reattach, extra=self.extra, check=check, timeout=timeout)

    def plan(self, out: Path, variables: Path, *, lock: bool) -> dict[str, Any]:
        """Plan into the file `out`, and return what it says (`terraform show -json`).

        `lock`: hold the lock of the state meanwhile, which only who applies may.
        """
        hold = WAIT_FOR_STATE if lock else "-lock=false"
        self("plan", "-input=false", hold, f"-out={out.resolve()}", f"-var-file={variables.resolve()}")
        shown: dict[str, Any] = json.loads(self("show", "-json", str(out.resolve())).stdout)
        return shown

    def state(self) -> dict[str, Any]:
        """The state, as `terraform show -json` gives it."""
        shown: dict[str, Any] = json.loads(self("show", "-json").stdout)
        return shown

    @property
    def provider_lock(self) -> bytes:
        """The provider lock file that it works by; empty where there is none."""
        file = self.folder / terraform.LOCK
        return file.read_bytes() if file.exists() else b""


@dataclass(frozen=True)
class Target:
    """One environment, and how it is reached.

    Raises CommandError where there is no such environment.
    """

    environment: str
    root: Path = ROOT

    def __post_init__(self) -> None:
        names.folder_of(self.environment, self.root)

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
        """The account that the environment is in, by its environment.tf.json."""
        return names.account_of(self.environment, self.root)

    @property
    def region(self) -> str:
        """The region that the environment is in, by its environment.tf.json."""
        return names.region_of(self.environment, self.root)

    @property
    def endpoint(self) -> str | None:
        """Where the local cloud is that stands for AWS; None on AWS."""
        return reach.local_cloud()

    @property
    def platform(self) -> str:
        """What its zips are built for: "lambda", or "local" where functions run on this machine."""
        return "local" if self.endpoint else "lambda"

    def client(self, service: str) -> Any:
        """A boto3 client with the credentials that the AWS tools would use."""
        import boto3

        # not the default one: that keeps the credentials it began with
        make: Any = boto3.session.Session().client
        return make(service, region_name=self.region)

    def guard(self) -> None:
        """Go no further unless the credentials are of the environment's account.

        Raises CommandError, naming both.
        """
        if self.environment == "local":
            raise CommandError(
                "environments/local lives on this machine: `make up` applies it, and nobody reviews its plans"
            )
        reason = "" if self.endpoint else reach.why_offline(self.environment)
        if reason:
            raise CommandError(
                f"this needs the account of {self.environment}, which is not reached {reason}: sign in and try again"
            )
        guard.refuse_wrong_account(self.environment, self.root)

    @contextmanager
    def terraform(self) -> Iterator[Terraform]:
        """Terraform in a fresh staged copy; a provider lock file that is committed is held to."""
        from tools.offline_provider import serve

        # the boundary has no action that only the emulator asks for
        unbounded = {"locals": {"permissions_boundary": None}} if self.endpoint else None
        copy = staged(self.folder, self.plans / self.environment, unbounded, own_backend=True)
        init = ["init", "-input=false"]
        if (copy / terraform.LOCK).exists():
            init.append("-lockfile=readonly")
        if not self.endpoint:
            terraform_on_aws = Terraform(copy, None, {})
            terraform_on_aws(*init)
            yield terraform_on_aws
            return
        grant_emulator_actions(copy)
        with serve(self.endpoint) as reattach:
            attached = Terraform(copy, reattach, self._variables(self.endpoint))
            attached(*init, terraform.PATH_STYLE)
            yield attached

    def _variables(self, endpoint: str) -> dict[str, str]:
        """What Terraform and its S3 backend need to reach the local cloud as whoever we are."""
        import boto3

        credentials = boto3.session.Session().get_credentials()
        if credentials is None:
            raise CommandError(
                "there are no credentials: the local cloud takes the account's number as AWS_ACCESS_KEY_ID"
            )
        keys = {"AWS_ACCESS_KEY_ID": credentials.access_key, "AWS_SECRET_ACCESS_KEY": credentials.secret_key}
        return keys | terraform.services_at(endpoint)
