"""Simulated Secrets Manager: secrets with versions, of which one is the current."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.simulation.aws.calls import Call
from tools.simulation.aws.errors import Refused, only

Answer = dict[str, Any]

MOST_BYTES = 65_536
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


@dataclass
class Secret:
    """A secret: its texts by version, the last one being the current."""

    arn: str
    name: str
    versions: dict[str, str] = field(default_factory=dict)


class Secrets:
    """Secrets by ARN, in `secrets`; a name finds them too."""

    name = "secretsmanager"

    def __init__(self) -> None:
        self.secrets: dict[str, Secret] = {}
        self._numbers = itertools.count(1)
        self.operations: dict[str, Callable[[Call], Answer]] = {
            "CreateSecret": self._create,
            "GetSecretValue": self._get,
            "PutSecretValue": self._put,
        }

    def create(self, name: str, text: str) -> Secret:
        """A new secret."""
        arn = f"arn:aws:secretsmanager:us-east-1:000000000000:secret:{name}-AbCdEf"
        made = self.secrets[arn] = Secret(arn, name)
        made.versions[self._version()] = text
        return made

    def _create(self, call: Call) -> Answer:
        only(call.operation, call.params, {"Name", "SecretString"})
        name = call.params["Name"]
        if any(secret.name == name for secret in self.secrets.values()):
            raise Refused("ResourceExistsException", f"The operation failed because the secret {name} already exists.")
        _check(call.params["SecretString"])
        made = self.create(name, call.params["SecretString"])
        return {"ARN": made.arn, "Name": name, "VersionId": next(iter(made.versions))}

    def _get(self, call: Call) -> Answer:
        only(call.operation, call.params, {"SecretId"}, {"VersionId"})
        found = self._found(call)
        current = list(found.versions)[-1]
        version = call.params.get("VersionId", current)
        if version not in found.versions:
            raise Refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret version")
        stages = [CURRENT] if version == current else [PREVIOUS] if version == list(found.versions)[-2] else []
        said = {"ARN": found.arn, "Name": found.name, "SecretString": found.versions[version], "VersionId": version}
        return said | ({"VersionStages": stages} if stages else {})

    def _put(self, call: Call) -> Answer:
        only(call.operation, call.params, {"SecretId", "SecretString"}, {"ClientRequestToken"})
        found, text = self._found(call), call.params["SecretString"]
        _check(text)
        version = call.params.get("ClientRequestToken") or self._version()
        if version in found.versions and found.versions[version] != text:
            raise Refused("ResourceExistsException", "You can't use this token with another value")
        found.versions.setdefault(version, text)
        return {"ARN": found.arn, "Name": found.name, "VersionId": version, "VersionStages": [CURRENT]}

    def _found(self, call: Call) -> Secret:
        asked = call.params["SecretId"]
        for secret in self.secrets.values():
            if asked in (secret.arn, secret.name):
                return secret
        raise Refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")

    def _version(self) -> str:
        return f"00000000-0000-4000-8000-{next(self._numbers):012x}"


def _check(text: str) -> None:
    if not 0 < len(text.encode()) <= MOST_BYTES:
        raise Refused("InvalidRequestException", f"a secret has 1 to {MOST_BYTES} bytes")
