"""The deployment that an operation works on, on the local cloud or on AWS.

Terraform's outputs and AWS clients.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tools.common import loopback
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import guard, terraform
from tools.environment.names import DEFAULT_PIPELINE, PIPELINES
from tools.environment.outputs import choose, outputs_of, pipelines_in
from tools.local_cloud import emulator
from tools.local_cloud.runs import Run


@dataclass(frozen=True)
class Deployment:
    """One pipeline in one environment.

    `outputs`: the pipeline's own, and the environment's `region` and `account_id`. `endpoint` is
    the emulator's address, or None on AWS; `token` opens the emulator's own doors; `pipeline` is
    the output's name; `brought_up_by`: the command that applied just what is on the emulator.
    """

    name: str
    outputs: dict[str, Any]
    endpoint: str | None
    credentials: dict[str, str]
    token: str = ""
    pipeline: str = DEFAULT_PIPELINE
    brought_up_by: str = "make up"

    @classmethod
    def local(cls, run: Run, pipeline: str = "") -> Deployment:
        """A pipeline on the local cloud of a run, as `choose` takes its name.

        Raises CommandError when it is not up, or has no such pipeline.
        """
        return _local(run).one(pipeline)

    @classmethod
    def on_aws(cls, environment: str, pipeline: str = "") -> Deployment:
        """A pipeline of an environment that was applied to AWS.

        It is reached with the credentials that the AWS tools would use.
        """
        return _on_aws(environment).one(pipeline)

    @property
    def again(self) -> str:
        """The command that gives the environment back what Terraform gave it once."""
        return self.brought_up_by if self.endpoint else f"make apply ENV={self.name}"

    @property
    def words(self) -> str:
        """What names it to a command: "ENV=prod", with PIPELINE where it is not the default one."""
        other = f"PIPELINE={self.pipeline} " if self.pipeline != DEFAULT_PIPELINE else ""
        return f"{other}ENV={self.name}"

    def client(self, service: str) -> Any:
        """A boto3 client of this deployment's region."""
        from botocore.config import Config

        direct = Config(proxies={}) if self.endpoint else None  # this machine is reached without a proxy
        return self._session.client(service, config=direct, **self.credentials)

    @cached_property
    def _session(self) -> Any:
        if self.endpoint:
            return loopback.session(self.outputs["region"])
        import boto3  # 0.2 s that a command which only prints an error need not spend

        return boto3.Session(region_name=self.outputs["region"])


@dataclass(frozen=True)
class _Environment:
    """All outputs of an environment, and how it is reached."""

    name: str
    outputs: dict[str, Any]
    endpoint: str | None = None
    credentials: dict[str, str] = field(default_factory=dict)
    token: str = ""
    brought_up_by: str = "make up"

    def one(self, pipeline: str) -> Deployment:
        name = choose(pipeline, self.outputs)
        own = outputs_of(name, self.outputs)
        return Deployment(self.name, own, self.endpoint, self.credentials, self.token, name, self.brought_up_by)

    def all(self) -> list[Deployment]:
        names = pipelines_in(self.outputs) or [""]  # of none, `one` says what to do
        places = {name: place for place, name in enumerate(PIPELINES)}
        return [self.one(name) for name in sorted(names, key=lambda one: (places.get(one, len(places)), one))]


def _local(run: Run) -> _Environment:
    if not emulator.alive(run):
        raise CommandError(f"nothing is up in {run.folder}: run `make up` first")
    state = run.state()
    keys = {**emulator.ROOT_KEYS, "endpoint_url": state["endpoint"]}
    outputs = run.outputs()
    return _Environment("local", outputs, state["endpoint"], keys, state["token"], brought_up_by(run, outputs))


def brought_up_by(run: Run, outputs: dict[str, Any]) -> str:
    """The command that applied what a run holds: somebody's root module, one of ours, or all."""
    ours = [name for name in PIPELINES if name in outputs]
    return run.root_command() or ("make up" if len(ours) != 1 else f"make up PIPELINE={ours[0]}")


def _on_aws(environment: str) -> _Environment:
    folder = ROOT / "environments" / environment
    if not folder.is_dir():
        known = ", ".join(sorted(path.name for path in (ROOT / "environments").iterdir() if path.is_dir()))
        raise CommandError(f"there is no environment {environment!r}: ENV is one of {known}")
    guard.refuse_wrong_account(environment)
    terraform.run(["init", "-input=false"], folder)
    printed = json.loads(terraform.run(["output", "-json"], folder).stdout)
    if not printed:
        raise CommandError(f"{environment} has no outputs: run `make apply ENV={environment}` first")
    return _Environment(environment, {name: output["value"] for name, output in printed.items()})


def words_of(deployments: Sequence[Deployment]) -> str:
    """What names to a command just these: one, the default one too, or all of an environment."""
    one = f"PIPELINE={deployments[0].pipeline} " if len(deployments) == 1 else ""
    return f"{one}ENV={deployments[0].name}"


def find(environment: str, pipeline: str = "") -> Deployment:
    """The pipeline that PIPELINE names in the environment that ENV names.

    "local" is the one of `make up`.
    """
    return _named(environment).one(pipeline)


def find_all(environment: str) -> list[Deployment]:
    """Every pipeline of an environment: ours in their order, then others by name."""
    return _named(environment).all()


def _named(environment: str) -> _Environment:
    return _local(Run.named("local")) if environment == "local" else _on_aws(environment)
