"""`make agent`: the agent of receipts on this machine, for the local cloud that is up.

It has the role that an agent on a client's site would have, and the emulator enforces it; what
gives it the role's keys is a credential_process, as AWS's signing helper would be.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.common import loopback, private
from tools.common.commands import CommandParser
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment.outputs import choose, outputs_of
from tools.local_cloud import emulator
from tools.local_cloud.receipts import agent_keys
from tools.local_cloud.receipts.pipeline import database
from tools.local_cloud.runs import REGION, Run

NAME = "local"
POLL_SECONDS = 2  # Ctrl-C waits no longer

Json = Mapping[str, Any]


def of_run(run: Run) -> tuple[Path, dict[str, str]]:
    """The files and the environment of the agent of a run that is up. Raises CommandError."""
    if not emulator.alive(run):
        raise CommandError("nothing is up: run `make up PIPELINE=receipts` first")
    outputs = outputs_of(choose("receipts", told := run.outputs()), told)
    if not outputs.get("agent", {}).get("role_arn"):
        raise CommandError("the receipts pipeline that is up has no agent: its variable delivery.agent is not set")
    return prepared(run.folder / "agent", run.state()["endpoint"], outputs, database(run).credentials)


def prepared(folder: Path, endpoint: str, outputs: Json, login: Json) -> tuple[Path, dict[str, str]]:
    """Write an agent's files into a folder: its configuration, and the environment it runs in.

    `outputs` are the pipeline's with the agent's role, `login` is who it is to the database, as its
    secret would say; `endpoint` is the emulator's.
    """
    private.own(folder)
    private.write(folder / "ca.pem", login["ca"])
    private.write(folder / "password", login["password"])
    config = {
        "aws": {
            "region": REGION,
            "delivery_queue_url": outputs["queues"]["delivery"]["url"],
            "delivered_queue_url": outputs["queues"]["delivered"]["url"],
            "documents_bucket": outputs["buckets"]["documents"],
            "poll_seconds": POLL_SECONDS,
        },
        "aws.endpoints": dict.fromkeys(("sqs", "s3", "sts", "rolesanywhere"), endpoint),
        "database": {key: login[key] for key in ("host", "port", "dbname", "username")}
        | {"ca": str(folder / "ca.pem"), "password_file": str(folder / "password")},
    }
    private.write(folder / "agent.toml", _toml(NAME, config))
    process = agent_keys.command(endpoint, outputs["agent"]["role_arn"])
    private.write(folder / "aws.config", f"[default]\ncredential_process = {shlex.join(process)}\n")
    paths = f"{ROOT / 'lambda_src'}:{ROOT}"
    environment = loopback.environment() | {"AWS_CONFIG_FILE": str(folder / "aws.config"), "PYTHONPATH": paths}
    return folder / "agent.toml", environment


def command(what: str, config: Path) -> list[str]:
    """The agent's command line: `what` is "run" or "check"."""
    return [sys.executable, "-m", "receipts.agent", what, "--config", str(config)]


def _toml(name: str, tables: Mapping[str, Json]) -> str:
    lines = [f"name = {json.dumps(name)}"]
    for table, values in tables.items():
        lines += [f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run it, or its check; the exit code is its own."""
    parser = CommandParser(prog="agent", description=__doc__)
    parser.add_switch("CHECK", about="try each hop once and say what was found")
    parser.set_defaults(work=_work)
    return parser.run()


def _work(options: argparse.Namespace) -> int:
    config, environment = of_run(Run.named("local"))
    if not options.check:
        print("agent: it delivers until Ctrl-C, which ends it after what it is at", flush=True)
    with subprocess.Popen(command("check" if options.check else "run", config), env=environment) as process:
        return _ended(process)


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for it; Ctrl-C has reached it too, as it has everything of the terminal."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    sys.exit(main())
