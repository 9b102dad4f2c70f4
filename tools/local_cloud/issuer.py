"""An issuer of tokens for a run, so that its APIs ask for one as they do on AWS.

The emulator verifies as API Gateway does: it reads the issuer's configuration and keys, and checks
signature, issuer, audience and times.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from tools.common.loopback import fetch
from tools.environment.names import PIPELINES
from tools.local_cloud import emulator, server
from tools.local_cloud.runs import Run

NAME = "issuer"
LASTS_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Issuer:
    """An issuer that runs at `address`; `token`, the run's, has it sign."""

    address: str
    token: str = field(repr=False)

    @property
    def jwt(self) -> dict[str, Any]:
        """What an environment says of it: whose tokens its APIs take, and for whom they must be:
        each pipeline's API takes its own alone.
        """
        return {"issuer": self.address, "audience": {pipeline: [pipeline] for pipeline in PIPELINES}}

    def sign(self, audience: str, subject: str, scope: str = "", **claims: Any) -> str:
        """A token of `subject` for a pipeline's API, good for LASTS_SECONDS unless `claims` say
        otherwise.
        """
        now = int(time.time())
        usual = {"iss": self.address, "aud": audience, "sub": subject, "iat": now, "exp": now + LASTS_SECONDS}
        said = usual | ({"scope": scope} if scope else {}) | claims
        answer = fetch(f"{self.address}/_sign", json.dumps(said).encode(), token=self.token)
        return str(json.loads(answer)["token"])


def start(run: Run) -> Issuer:
    """Start the issuer of a run whose emulator is up; one that runs already is kept.

    Raises CommandError when it is not healthy in time.
    """
    own, upstream = server.beside(run, NAME), run.state()
    if not (state := server.running_beside(run, NAME)):
        listener = server.listen()
        port = str(listener.getsockname()[1])
        command = [str(emulator.python()), "-P", "-m", "tools.local_cloud.issuer_process", port]
        state = upstream | server.spawn(command, run, NAME, server.environment(run, upstream["token"]), listener)
        own.write_state(state)
        server.wait_until_healthy(NAME, state, "/.well-known/jwks.json", "keys")
    return Issuer(state["endpoint"], state["token"])


def stop(run: Run) -> bool:
    """Stop the issuer of a run. False when there was none."""
    return server.stop_beside(run, NAME)
