"""The premises beside a run: started, steered and stopped."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.loopback import fetch
from tools.local_cloud import emulator, server
from tools.local_cloud.premises import installation
from tools.local_cloud.runs import REGION, Run

NAME = "premises"
PROCESS = "tools.local_cloud.premises.process"
PASSWORD_VARIABLE = "PREMISES_PASSWORD"  # noqa: S105 (a variable's name)
DOORS = "/_premises"
HOST, DATABASE = "127.0.0.1", "postgres"
CONNECTIONS = 10  # that the database takes at most, three of them for its superuser alone
SECONDS = 70.0  # for a door: one that asks the database waits up to 60


@dataclass(frozen=True)
class StandIn:
    """A database that runs for `role`; `token`, the run's, opens the doors at `address`."""

    address: str
    token: str = field(repr=False)
    role: str
    password: str = field(repr=False)

    @property
    def credentials(self) -> dict[str, Any]:
        """What the secret of a client's database holds: host, port, dbname, username, password, and
        `ca`, the PEM of the authority whose certificates it shows.
        """
        health = self.health()
        way = {"host": HOST, "port": health["port"], "dbname": DATABASE}
        return way | {"username": self.role, "password": self.password, "ca": health["authority"]}

    def health(self) -> dict[str, Any]:
        """Its port and authority, whether it is `up`, and what the front counted: `attempts` to
        connect, `handshakes`, sessions `open` now and at `peak`, in all and by user
        (`opens`, `peaks`), `statements`, `errors` by SQLSTATE.
        """
        return self.through("health")

    def begin(self) -> None:
        """Start it if it is stopped, do nothing wrong from now on, and count anew."""
        self.through("begin")

    def change(self, **faults: Any) -> None:
        """Do this wrong from now on, by the names of tools.local_cloud.premises.faults.Faults."""
        self.through("change", **faults)

    def cut(self) -> int:
        """Cut every connection; how many there were."""
        return int(self.through("cut")["cut"])

    def stop_database(self, *, crash: bool = False) -> None:
        """Stop the database: its sessions are ended, or it is as if its power were cut."""
        self.through("stop", how="crash" if crash else "fast")

    def start_database(self) -> None:
        """Start it again, with all that it had committed."""
        self.through("start")

    def ask(self, sql: str) -> list[list[str]]:
        """The rows of a statement, as text, asked as superuser past the front; NULL is empty."""
        return [list(map(str, row)) for row in self.through("ask", sql=sql)["rows"]]

    def log(self, begin: int = 0) -> list[tuple[float, float, str]]:
        """The statements from that number on: when each came (Unix seconds), milliseconds until it
        was answered, its first word.
        """
        return [(at, took, word) for at, took, word in self.through("log", **{"from": begin})["statements"]]

    def changed_password(self) -> StandIn:
        """Give the role another password; the stand-in that knows it."""
        password = secrets.token_urlsafe(24)
        self.ask(f"ALTER ROLE {self.role} PASSWORD '{password}'")
        return StandIn(self.address, self.token, self.role, password)

    def through(self, door: str, **said: Any) -> dict[str, Any]:
        """Go through one of its doors. Raises urllib.error.HTTPError where it refuses."""
        asked = json.dumps(said).encode()
        return dict(json.loads(fetch(f"{self.address}{DOORS}/{door}", asked, seconds=SECONDS, token=self.token)))


def start(run: Run, schema: Path, role: str, *, connections: int = CONNECTIONS) -> StandIn:
    """Start the premises of a run; those that run already are kept. The run needs no emulator.

    The database is new: it has what the file of SQL `schema` makes, and a `role` of that file may
    come in. Raises CommandError when it is not healthy in time, or not set up.
    """
    if not re.fullmatch("[a-z_]+", role):
        raise ValueError(f"{role!r} is no plain name of a role")
    there = running(run)
    if there is not None:
        return there
    stop(run)
    state = _spawned(run, schema, role, connections)
    server.wait_until_healthy(NAME, state, f"{DOORS}/health", "port")
    return StandIn(state["endpoint"], state["token"], state["role"], state["password"])


def running(run: Run) -> StandIn | None:
    """The premises of a run; None where there are none."""
    state = server.running_beside(run, NAME)
    if "password" not in state:
        return None
    return StandIn(state["endpoint"], state["token"], state["role"], state["password"])


def stop(run: Run) -> bool:
    """Stop the premises of a run. False when there were none."""
    return server.stop_beside(run, NAME)


def _spawned(run: Run, schema: Path, role: str, connections: int) -> dict[str, Any]:
    run.own()
    python, folder = str(emulator.python()), installation.prepared()
    try:
        settings = {
            "folder": str(folder),
            "programs": str(installation.programs(folder)),
            "psql": str(installation.installed() / "bin" / "psql"),
            "user": installation.user(),
            "connections": connections,
            "schema": str(schema.resolve()),
            "role": role,
        }
        token = run.state_if_readable().get("token") or secrets.token_hex(16)
        password = secrets.token_urlsafe(24)
        variables = server.environment(run, token) | {PASSWORD_VARIABLE: password}
        command = [python, "-P", "-m", PROCESS, json.dumps(settings)]
        state = server.spawn(command, run, NAME, variables, server.listen())
        state |= {"token": token, "region": REGION, "password": password, "role": role, "leaves": str(folder)}
        server.beside(run, NAME).write_state(state)
    except BaseException:
        private.remove(folder)
        raise
    return state
