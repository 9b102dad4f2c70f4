"""The premises: who is told of the database's password, and when."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from tools.simulation.receipts import deployed

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

SECOND = 1_000_000
STALE_US = 30 * SECOND
TOLD = (-20.0, 90.0)  # seconds after a password has changed, until whoever needs it is told
LOGIN = {
    "host": "database.example",
    "port": 5432,
    "dbname": "accounts",
    "username": "sluice",
    "ca": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
}


class Site:
    """The site of one history; `password` is the one that its own files have."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.password = world.server.password
        world.cloud.secrets.create(deployed.SECRET, secret_of(self.password))
        self._passwords = 0
        self._known: dict[Callable[[str], None], int] = {}
        self._told_at: dict[Callable[[str], None], int] = {}

    def rotate(self) -> None:
        """The database's password changes; the secret and the site's files say so about then."""
        world = self._world
        self._passwords += 1
        number, now = self._passwords, world.stage.now
        told = [world.rng.uniform(*TOLD) for _ in range(2)]
        first = min(0.0, *told)
        for after, tell in zip((*told, 0.0), (self._tell_aws, self._tell_site, self._tell_database), strict=True):
            world.stage.at(now + int((after - first) * SECOND), lambda tell=tell: self._tell(tell, number))  # type: ignore[misc]

    def _tell(self, tell: Callable[[str], None], number: int) -> None:
        """Tell one of a password, unless it was told of a later one."""
        if self._known.get(tell, 0) < number:
            self._known[tell], self._told_at[tell] = number, self._world.stage.now
            tell(f"password {number}")

    def _tell_aws(self, password: str) -> None:
        secrets = self._world.cloud.client("secretsmanager", "operator")
        secrets.put_secret_value(SecretId=deployed.SECRET_ARN, SecretString=secret_of(password))

    def is_stale(self, lane: str, password: str) -> bool:
        """Whether that lane's source has said another password for longer than a run lasts."""
        tell = self._tell_site if lane.startswith("agent-") else self._tell_aws
        late = self._world.stage.now - self._told_at.get(tell, 0) > STALE_US
        return late and password != f"password {self._known.get(tell)}" and tell in self._known

    def _tell_site(self, password: str) -> None:
        self.password = password

    def _tell_database(self, password: str) -> None:
        self._world.server.password = password


def secret_of(password: str) -> str:
    """The login with this password, as a secret holds it."""
    return json.dumps({**LOGIN, "password": password})
