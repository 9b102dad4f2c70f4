"""The stand-in of a vendor beside a run: started, asked and stopped as the issuer of tokens is."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from tools.common.loopback import fetch
from tools.local_cloud import emulator, server
from tools.local_cloud.runs import Run
from tools.local_cloud.vendor.process import DOORS, SECRET_VARIABLE
from tools.local_cloud.vendor.tokens import CLIENT_ID, TOKEN_PATH

NAME = "vendor"
SECONDS = 30.0  # to judge a log of 65,000 calls


@dataclass(frozen=True)
class StandIn:
    """A stand-in that runs at `address`; `token`, the run's, opens its own doors."""

    address: str
    token: str = field(repr=False)
    client_secret: str = field(repr=False)

    @property
    def credentials(self) -> dict[str, str]:
        """What the vendor's secret holds in the beginning."""
        return {"client_id": CLIENT_ID, "client_secret": self.client_secret, "token_path": TOKEN_PATH}

    def ask(self, door: str, **said: Any) -> dict[str, Any]:
        """Go through one of its own doors: "begin", "change", "group", "revoke", "log", "judge"."""
        asked = json.dumps(said).encode()
        found = json.loads(fetch(f"{self.address}{DOORS}/{door}", asked, seconds=SECONDS, token=self.token))
        return dict(found)


def start(run: Run) -> StandIn:
    """Start the stand-in of a run whose emulator is up; one that runs already is kept.

    Raises CommandError when it is not healthy in time.
    """
    own, upstream, state = server.beside(run, NAME), run.state(), server.running_beside(run, NAME)
    if "client_secret" not in state:
        listener, client_secret = server.listen(), secrets.token_urlsafe(24)
        port = str(listener.getsockname()[1])
        command = [str(emulator.python()), "-P", "-m", "tools.local_cloud.vendor.process", port]
        variables = server.environment(run, upstream["token"]) | {SECRET_VARIABLE: client_secret}
        state = upstream | server.spawn(command, run, NAME, variables, listener) | {"client_secret": client_secret}
        own.write_state(state)
        server.wait_until_healthy(NAME, state, f"{DOORS}/health", "calls")
    return StandIn(state["endpoint"], state["token"], state["client_secret"])


def stop(run: Run) -> bool:
    """Stop the stand-in of a run. False when there was none."""
    return server.stop_beside(run, NAME)
