"""The agent's commands: see the package's docstring."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from receipts.agent import config
from receipts.agent.aws import Aws
from receipts.agent.check import Check
from receipts.agent.config import Config, ConfigError
from receipts.agent.process import agent_of, version
from shared import logs

WRONG_CONFIG = 2
# What libraries of ours look for; a person may have set others.
_NAMES = {"POWERTOOLS_METRICS_NAMESPACE": "sluice", "POWERTOOLS_METRICS_DISABLED": "true"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command: 0, 1 where a hop of `check` fails, 2 where the configuration does not fit."""
    parser = argparse.ArgumentParser(prog="python -m receipts.agent", description=__doc__)
    parser.add_argument("--version", action="version", version=f"sluice-agent {version()}")
    parser.add_argument("command", choices=("run", "check"), help="deliver, or try each hop once")
    parser.add_argument("--config", type=Path, required=True, help="the site's agent.toml")
    options = parser.parse_args(arguments)
    try:
        found = config.load(options.config)
        aws = Aws(found)
    except ConfigError as error:
        print(f"agent: {error}", file=sys.stderr)
        return WRONG_CONFIG
    os.environ.update(
        _NAMES, POWERTOOLS_SERVICE_NAME=found.lane, POWERTOOLS_LOG_LEVEL=found.log_level
    )
    if options.command == "check":
        return Check(found, aws, lambda line: print(line, flush=True)).run()
    return _run(found, aws)


def _run(found: Config, aws: Aws) -> int:
    agent = agent_of(found, aws)

    def end(number: int, _: object) -> None:
        agent.stop()
        if number == signal.SIGINT:
            print("agent: it ends after what is under way; again: at once", file=sys.stderr)
            signal.signal(signal.SIGINT, signal.default_int_handler)

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, end)
    logs.logger().info("agent runs", extra={"lane": found.lane, "version": version()})
    try:
        agent.run()
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
