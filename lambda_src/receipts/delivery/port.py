"""What a lane asks of a database, whichever it is, and how that may fail.

No error holds the driver's text: it quotes the whole row. A new database is one file beside
`postgres.py`, held by the same contract suite (tests/lambda_src/receipts/delivery).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol


class Key(NamedTuple):
    """What names a row: a receipt of a file of a customer's, as read (0) or as corrected (1 …)."""

    customer_id: str
    file_id: str
    receipt: int
    revision: int


class Row(NamedTuple):
    """A receipt as the database holds it; what was not read is None. `taxes` is JSON."""

    key: Key
    batch_id: str
    kind: str | None
    merchant: str | None
    receipt_date: date | None
    currency: str | None
    total: Decimal | None
    taxes: str
    review: tuple[str, ...]
    read_at: datetime


class DatabaseError(Exception):
    """A call of a database came to nothing; the text is ours."""


class Away(DatabaseError):
    """The database cannot be reached, was lost, or cannot serve now: nothing of this stands.

    Or everything does: a commit whose answer was lost. `reason` is a code: "unreachable",
    "timeout", "certificate", "no-tls", "full" (of connections), "credentials", "lost" (a connection
    that stood), "secret-unreadable", "not-now" (all else: its `sqlstate` says more).
    """

    def __init__(self, reason: str, sqlstate: str | None = None) -> None:
        super().__init__(f"the database is away: {reason}" + (f" ({sqlstate})" if sqlstate else ""))
        self.reason, self.sqlstate = reason, sqlstate


class Denied(DatabaseError):
    """The database does not take the credentials: they may have been rotated."""

    def __init__(self) -> None:
        super().__init__("the database refuses the credentials")


class Refused(DatabaseError):
    """A statement was refused for what is in it: none of its rows stands, the connection does.

    `constraint` is the name of the one that was broken, where the database tells.
    """

    def __init__(self, sqlstate: str, constraint: str | None = None) -> None:
        super().__init__(f"the database refuses a row: {sqlstate} {constraint or ''}".rstrip())
        self.sqlstate, self.constraint = sqlstate, constraint


class Database(Protocol):
    """One connection. Every call has a bound in time, and may raise Away."""

    def ping(self) -> None:
        """Ask whether it answers."""

    def deliver(self, rows: Sequence[Row]) -> Collection[Key]:
        """Insert what is not there yet, all in one transaction: the keys that were new.

        A row that is there stays as it is. Raises Refused, and then nothing was inserted.
        """

    def count(self, customer_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """How many rows stand of each of these files; files without any are left out."""

    def close(self) -> None:
        """End the connection; never raises."""
