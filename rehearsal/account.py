"""One account of the rehearsal: an environment, the number of its account, and its administrator's credentials on the emulator."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from devcloud import emulator, guard, terraform
from devcloud.runs import DEPLOYED, REGION, ROOT, LocalCloudError, Run
from devcloud.staging import value_of
from operations.place import Place

_making_clients = threading.Lock()


@dataclass(frozen=True)
class Account:
    """An environment in its account. `run` keeps its staged copy and its outputs; `endpoint` is the one emulator of all accounts."""

    environment: str
    number: str
    state_key: str
    endpoint: str
    run: Run
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def source(self) -> Path:
        """The environment's own folder, which nothing is written to."""
        return ROOT / "environments" / self.environment

    @property
    def credentials(self) -> dict[str, str]:
        """The administrator's keys: for the emulator, an access key of twelve digits is the account."""
        return {"aws_access_key_id": self.number, "aws_secret_access_key": emulator.KEY}

    @property
    def variables(self) -> dict[str, str]:
        """The same for Terraform and its state, which look for them in environment variables, as on AWS."""
        keys = {"AWS_ACCESS_KEY_ID": self.number, "AWS_SECRET_ACCESS_KEY": emulator.KEY}
        return keys | terraform.services_at(self.endpoint)

    @property
    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs, name → value. Raises LocalCloudError before there are any."""
        return self.run.outputs()

    @property
    def place(self) -> Place:
        """The deployment, as the operations take it."""
        return Place(self.environment, self.outputs, self.endpoint, {**self.credentials, "endpoint_url": self.endpoint})

    def client(self, service: str) -> Any:
        """A boto3 client with this account's credentials."""
        with _making_clients:  # boto3's session is not for threads; its clients are
            if service not in self._clients:
                make: Any = boto3.client
                self._clients[service] = make(service, region_name=REGION, endpoint_url=self.endpoint, **self.credentials)
            return self._clients[service]


def accounts(run: Run, endpoint: str) -> list[Account]:
    """The accounts that sizing.tf and backend.tf name. Raises LocalCloudError where two environments name the same one."""
    made = []
    for name in DEPLOYED:
        state_key = value_of(ROOT / "environments" / name / "backend.tf", "key")
        made.append(Account(name, guard.account_of(name), state_key, endpoint, Run(run.folder / name)))
    if len({account.number for account in made}) < len(made):
        raise LocalCloudError(f"environments share an account: {', '.join(f'{one.environment} {one.number}' for one in made)}")
    return made
