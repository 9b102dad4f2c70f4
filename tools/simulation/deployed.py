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
    kept: int = 345_600  # how long it keeps a message

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


@dataclass(frozen=True)
class Pulled:
    """A standard queue that no mapping takes from: who wants its messages asks for them.

    Times are in seconds; `visibility` is for who asks for none.
    """

    pipeline: str
    queue: str
    visibility: int
    most_receives: int
    kept: int = 345_600
    fifo: bool = field(default=False, init=False)
    delay: int = field(default=0, init=False)

    @property
    def name(self) -> str:
        """The queue's name on AWS."""
        return f"{self.pipeline}-{self.queue}"

    @property
    def dead_letters(self) -> str:
        """The name of its dead-letter queue on AWS."""
        return f"{self.name}-dlq"


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
    call, by their names in boto3, and `elsewhere` those that are not AWS's: they can be out of
    order too, and no right is needed for what is elsewhere.
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
    pulled: tuple[Pulled, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def queues(self) -> tuple[Mapping | Pulled, ...]:
        """All queues but for the dead letters'."""
        return (*self.mappings, *self.pulled)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of what can be out of order: tables, queues, buckets and services."""
        queues = (queue.name for queue in self.queues)
        return (*map(self.table, self.tables), *queues, *self.buckets, *self.services, *self.elsewhere)

    def table(self, table: str) -> str:
        """A table's name on AWS."""
        return f"{self.name}-{table}"

    def url(self, name: str) -> str:
        """A queue's address."""
        return f"https://sqs.us-east-1.amazonaws.com/{self.account}/{name}"

    def log_group(self, function: str) -> str:
        """Where a function's lines go."""
        return f"/aws/lambda/{self.name}-{function}"
