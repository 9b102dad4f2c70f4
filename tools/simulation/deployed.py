"""What a pipeline has deployed on the simulated cloud: queues, functions, tables and buckets."""

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from typing import NamedTuple

from tools.simulation.aws.indexes import Index

Schema = tuple[tuple[str, str], ...]  # a table's keys: names and types ("S", "N")


class Mapping(NamedTuple):
    """A queue and the function that takes from it. Times are in seconds."""

    pipeline: str  # the pipeline's name on AWS
    queue: str
    function: str
    timeout: int  # of the function
    fifo: bool
    batch_size: int
    window: int
    concurrency: int
    most_receives: int
    delay: int = 0

    @property
    def name(self) -> str:
        """The queue's name on AWS."""
        return f"{self.pipeline}-{self.queue}{'.fifo' if self.fifo else ''}"

    @property
    def dead_letters(self) -> str:
        """The name of its dead-letter queue on AWS."""
        return f"{self.pipeline}-{self.queue}-dlq{'.fifo' if self.fifo else ''}"

    @property
    def uuid(self) -> str:
        """The event source mapping's."""
        return f"mapping-of-{self.function}"

    @property
    def visibility(self) -> int:
        """AWS's rule for a queue behind a function."""
        return 6 * self.timeout + self.window


class Notification(NamedTuple):
    """A bucket that tells a queue of each new object under a prefix; names on AWS."""

    bucket: str
    prefix: str
    queue: str


@dataclass(frozen=True)
class Deployed:
    """A deployed pipeline.

    `timeouts` are seconds by function; `tables` are schemas by short name, and `indexes` those of
    such a table; `buckets` are full names. `services` are those of AWS's own that its functions
    call, by their names in boto3: they can be out of order too.
    """

    name: str
    account: str
    timeouts: ReadOnly[str, int]
    tables: ReadOnly[str, Schema]
    buckets: tuple[str, ...]
    mappings: tuple[Mapping, ...]
    indexes: ReadOnly[str, tuple[Index, ...]] = field(default_factory=dict)
    notifications: tuple[Notification, ...] = ()
    services: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of what can be out of order: tables, queues, buckets and services."""
        queues = (mapping.name for mapping in self.mappings)
        return (*map(self.table, self.tables), *queues, *self.buckets, *self.services)

    def table(self, table: str) -> str:
        """A table's name on AWS."""
        return f"{self.name}-{table}"

    def url(self, name: str) -> str:
        """A queue's address."""
        return f"https://sqs.us-east-1.amazonaws.com/{self.account}/{name}"

    def log_group(self, function: str) -> str:
        """Where a function's lines go."""
        return f"/aws/lambda/{self.name}-{function}"
