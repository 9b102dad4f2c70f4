"""One account of the rehearsal: an environment, its account's number, and credentials for it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.config import Config

from tools.common import loopback
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import names, terraform
from tools.environment.names import DEPLOYED, value_of
from tools.environment.outputs import outputs_of, pipelines_in
from tools.local_cloud import emulator
from tools.local_cloud.issuer import Issuer
from tools.local_cloud.runs import REGION, Run
from tools.operations.deployment import Deployment

_making_clients = threading.Lock()


@dataclass(frozen=True)
class Account:
    """An environment in its account.

    `run` keeps its staged copy and its outputs; `endpoint` is the one emulator of all accounts,
    `token` opens its own doors. `issuer`: of the tokens that its APIs ask for, None where they ask
    for none.
    """

    environment: str
    number: str
    state_key: str
    endpoint: str
    run: Run
    token: str = field(default="", repr=False)
    issuer: Issuer | None = None
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def source(self) -> Path:
        """The environment's own folder, which nothing is written to."""
        return ROOT / "environments" / self.environment

    @property
    def credentials(self) -> dict[str, str]:
        """The administrator's keys: the emulator takes a key of twelve digits for the account."""
        return {"aws_access_key_id": self.number, "aws_secret_access_key": emulator.KEY}

    @property
    def variables(self) -> dict[str, str]:
        """The same for Terraform and its state, which look in environment variables, as on AWS."""
        keys = {"AWS_ACCESS_KEY_ID": self.number, "AWS_SECRET_ACCESS_KEY": emulator.KEY}
        return keys | terraform.services_at(self.endpoint) | {loopback.TOKEN_VARIABLE: self.token}

    @property
    def outputs(self) -> dict[str, Any]:
        """What its pipelines are made of, together: `queues`, `tables` and `functions`, each by its
        pipeline and name, the names of `buckets`, and the region. Raises CommandError before there
        are any.
        """
        outputs = self.run.outputs()
        together: dict[str, Any] = {"region": outputs["region"], "buckets": []}
        for name in pipelines_in(outputs):
            own = outputs[name]
            for part in ("queues", "tables", "functions"):
                together.setdefault(part, {}).update({f"{name} {key}": thing for key, thing in own[part].items()})
            together["buckets"] += [own["quarantine_bucket"], *own.get("buckets", {}).values()]
        return together

    def deployment(self, pipeline: str) -> Deployment:
        """A pipeline's deployment, as the operations take it."""
        return Deployment(
            self.environment,
            outputs_of(pipeline, self.run.outputs()),
            self.endpoint,
            {**self.credentials, "endpoint_url": self.endpoint},
            self.token,
            pipeline,
        )

    def client(self, service: str) -> Any:
        """A boto3 client with this account's credentials."""
        with _making_clients:  # boto3's session is not for threads; its clients are
            if service not in self._clients:
                self._clients[service] = loopback.session(REGION).client(
                    service, endpoint_url=self.endpoint, config=Config(proxies={}), **self.credentials
                )
            return self._clients[service]


def accounts(run: Run, endpoint: str, token: str = "", issuer: Issuer | None = None) -> list[Account]:
    """The accounts of the environments on an emulator, and where backend.tf keeps their states.

    Those that ask for tokens ask for the issuer's.

    Raises CommandError where two environments name the same one.
    """
    made = []
    for name in DEPLOYED:
        of = issuer if names.asks_for_tokens(name) else None
        state_key = value_of(ROOT / "environments" / name / "backend.tf", "key")
        made.append(Account(name, names.account_of(name), state_key, endpoint, Run(run.folder / name), token, of))
    if len({account.number for account in made}) < len(made):
        raise CommandError(
            f"environments share an account: {', '.join(f'{one.environment} {one.number}' for one in made)}"
        )
    return made
