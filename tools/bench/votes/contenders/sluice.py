"""sluice: the handlers as shipped, with the variables that Terraform plans for the environment."""

from __future__ import annotations

import os
import secrets
import sys
from datetime import datetime
from unittest import mock

from shared import clients, logs, witness
from tools.bench.votes.contenders import Design, Sizing, Stage
from tools.bench.votes.load import Ballot as Cast
from tools.bench.votes.load import Tallies
from tools.simulation.aws.wire import Services
from votes import journal, messages, process, receive, tally, write
from votes.ballot import Ballot

FUNCTIONS = {
    "receive": (receive, None),
    "process": (process, "ingest"),
    "write": (write, "count"),
    "tally": (tally, "tick"),
}

# The load's voters have no tokens, some of its requests are large, and nobody lists its titles.
ANYBODY = {"VOTER_FROM": "body", "MOST_BALLOTS": '{"trusted":500,"voter":500}', "UNLISTED_TITLES": "accept"}


def build(services: Services, sizing: Sizing) -> Design:
    """Deploy it: tables and queues by the planned names, functions with the planned variables."""
    urls = {
        "ingest": services.queue("ingest"),
        "count": services.queue("count", fifo=True),
        "tick": services.queue("tick", fifo=True),
    }
    for name in FUNCTIONS:
        os.environ.update(sizing.variables[name])
    os.environ.update(ANYBODY)
    os.environ.update({f"{name.upper()}_QUEUE_URL": url for name, url in urls.items()})
    tallies = _tables(services)
    _log_here()

    def restart() -> None:
        clients.reset()
        for module, _ in FUNCTIONS.values():
            module._worker.cache_clear()

    restart()
    stages = [
        Stage(
            name,
            module.handler,
            sizing.memory_mb[name],
            urls[queue] if queue else None,
            sizing.mappings[name],
            at_once=queue == "count",
        )
        for name, (module, queue) in FUNCTIONS.items()
    ]
    return sizing.design(
        "sluice",
        stages,
        lambda: _counted(services, tallies),
        message=lambda one: _message(one, services),
        restart=restart,
        expire_days={os.environ["JOURNAL_TABLE"]: journal.KEEP_SECONDS / 86_400},
    )


def _log_here() -> None:
    """Log to this run's output: a service's logger is one a process, and has an earlier run's."""
    logs.logger.cache_clear()
    logs.metrics.cache_clear()
    for handler in logs.logger().handlers:
        handler.setStream(sys.stdout)  # type: ignore[attr-defined]


def _tables(services: Services) -> str:
    """The tables, and the witnesses' key, the same in each run; the name of the tallies'."""
    create = services.dynamodb.create_table
    create(os.environ["VOTES_TABLE"], ("voter_id", "S"), ("title_id", "S"))
    create(os.environ["JOURNAL_TABLE"], ("shard", "N"), ("n", "N"))
    create(tallies := os.environ["TALLIES_TABLE"], ("title_id", "S"))
    create(os.environ["CATALOGUE_TABLE"], ("title_id", "S"))
    create(keys := os.environ["KEYS_TABLE"], ("name", "S"))
    with mock.patch.object(secrets, "token_bytes", bytes):
        witness.by_key_of(clients.client("dynamodb"), keys, 1, makes=True).prepare()
    services.meter.units.clear()
    return tallies


def _message(cast: Cast, services: Services) -> str:
    """The message that receive makes of a request with this ballot."""
    cast_at = datetime.fromisoformat(cast["cast_at"])
    ballot = Ballot(
        cast["voter_id"], cast["title_id"], cast["votes"], cast["ballot_id"], round(cast_at.timestamp() * 1_000_000)
    )
    return messages.encode_ingest(services.now_us(), [ballot])


def _counted(services: Services, table: str) -> Tallies:
    """The tallies, once the fold has taken in everything."""
    tallies: Tallies = {}
    for (title,), item in services.dynamodb.tables[table].items.items():
        if title != "#fold":
            tallies[title] = {name: int(value["N"]) for name, value in item.items() if "#" in name}
    return tallies
