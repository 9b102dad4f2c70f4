"""The emulator for tests, and the stores on it (moto cannot run PartiQL)."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
from botocore.config import Config

from tools.local_cloud import emulator
from tools.local_cloud.runs import Run
from votes.journal import Journal
from votes.tallies import Tallies

_numbers = itertools.count()


class Stores(NamedTuple):
    """The journal and votes, and the tallies."""

    journal: Any
    tallies: Any


class Tables(NamedTuple):
    """The names of three tables, and a DynamoDB client that reaches them."""

    client: Any
    journal: str
    votes: str
    tallies: str

    def stores(self, *, packed: bool = False) -> Stores:
        """The stores on these tables."""
        journal = Journal(self.client, self.journal, self.votes, packed=packed)
        return Stores(journal, Tallies(self.client, self.tallies))


@contextmanager
def clients(folder: Path) -> Iterator[Callable[[str], Any]]:
    """Clients, by the service's name, of an emulator of its own."""
    run = Run(folder)
    state = emulator.start(run)
    session = botocore.session.get_session()
    session.set_credentials(emulator.KEY, emulator.KEY)
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, proxies={}, s3={"addressing_style": "path"})
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            made[service] = session.create_client(
                service, region_name=state["region"], endpoint_url=state["endpoint"], config=config
            )
        return made[service]

    try:
        yield client
    finally:
        for one in made.values():
            one.close()
        emulator.stop(run)


def tables(client: Any) -> Tables:
    """Three new tables."""
    number = next(_numbers)
    made = Tables(client, f"journal-{number}", f"votes-{number}", f"tallies-{number}")
    for name, *keys in (
        (made.journal, ("shard", "N"), ("n", "N")),
        (made.votes, ("voter_id", "S"), ("title_id", "S")),
        (made.tallies, ("title_id", "S")),
    ):
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in keys],
            KeySchema=[
                {"AttributeName": key, "KeyType": role} for (key, _), role in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
        )
    return made


def emptied(tables: Tables) -> None:
    """Delete every row."""
    for name, keys in (
        (tables.journal, ("shard", "n")),
        (tables.votes, ("voter_id", "title_id")),
        (tables.tallies, ("title_id",)),
    ):
        for item in tables.client.scan(TableName=name)["Items"]:
            tables.client.delete_item(TableName=name, Key={key: item[key] for key in keys})
