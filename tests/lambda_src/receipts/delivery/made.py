"""Documents, rows and databases for the tests of the delivery."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from receipts.delivery.credentials import Login
from receipts.delivery.port import Away, Denied, Key, Refused, Row
from receipts.documents import Document, FieldPart, ReceiptPart, TaxPart
from receipts.ids import file_id_of
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER

CANARY = "Canary & Sons 4711"  # a merchant that stands in rows alone
LOGIN = Login.model_validate(
    {
        "host": "db.example",
        "dbname": "books",
        "username": "sluice",
        "password": "first",
        "ca": "-----BEGIN CERTIFICATE-----",
    }
)


def file_id(number: int) -> str:
    """The id of file number `number`."""
    return file_id_of(str(number).encode())


def row(number: int = 0, **changes: Any) -> Row:
    """The row of file `number`'s first receipt."""
    made = Row(
        key=Key(CUSTOMER, file_id(number), 0, 0),
        batch_id=BATCH_ID,
        kind="purchase",
        merchant=CANARY,
        receipt_date=date(2026, 1, 31),
        currency="GBP",
        total=Decimal("12.50"),
        taxes='[{"amount":"2.08","net":null,"rate":"20"}]',
        review=("date:ambiguous-day-and-month", "total:one-source"),
        read_at=datetime(2026, 1, 31, 23, 59, 59, 123456, UTC),
    )
    return made._replace(**changes)


def document(number: int = 0, receipts: int = 1, **fields: str | None) -> Document:
    """The document of file `number`; `fields` are values of each of its receipts."""
    values = {"kind": "purchase", "merchant": CANARY, "date": "2026-01-31", "currency": "GBP", "total": "12.50"}
    parts = {name: _field(value) for name, value in (values | fields).items()}
    taxes = [TaxPart(rate="20", net=None, amount="2.08", box=None)]
    return Document(
        batch_id=BATCH_ID,
        customer_id=CUSTOMER,
        file_id=file_id(number),
        names=["one.jpg"],
        read_at="2026-01-31T23:59:59.123456Z",
        reader="textract",
        pages=1,
        width=600,
        height=900,
        notes=[],
        receipts=[
            ReceiptPart(index=n, page=1, taxes=taxes, review=[], possible_duplicate_of=None, **parts)
            for n in range(receipts)
        ],
    )


def _field(value: str | None) -> FieldPart:
    return FieldPart(value=value, confidence=90, reason="printed-twice", review=False, box=None, alternatives=[])


class MemoryDatabase:
    """A database in memory; `before` is called with the name of each call, and may raise or change
    anything, `after` when its effect stands.
    """

    def __init__(self) -> None:
        self.rows: dict[Key, Row] = {}
        self.refuses: Callable[[Row], tuple[str, str | None] | None] = lambda row: None
        self.before: Callable[[str], None] = lambda name: None
        self.after: Callable[[str], None] = lambda name: None
        self.password = LOGIN.password.get_secret_value()
        self.calls: list[str] = []
        self.transactions: list[int] = []
        self.open = self.peak = 0

    def connect(self, login: Login = LOGIN, *_: str) -> MemoryConnection:
        """A connection. Raises what `before` raises for "connect", and Denied."""
        self.called("connect")
        if login.password.get_secret_value() != self.password:
            raise Denied
        self.open += 1
        self.peak = max(self.peak, self.open)
        return MemoryConnection(self)

    def called(self, name: str) -> None:
        """Note a call."""
        self.calls.append(name)
        self.before(name)


class MemoryConnection:
    """A `port.Database`."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database, self._is_open = database, True

    def ping(self) -> None:
        """Ask whether it answers."""
        self._called("ping")

    def deliver(self, rows: Sequence[Row]) -> Collection[Key]:
        """Insert what is not there yet."""
        self._called("deliver")
        self._database.transactions.append(len(rows))
        for one in rows:
            if refusal := self._database.refuses(one):
                raise Refused(*refusal)
        new = {one.key: one for one in rows if one.key not in self._database.rows}
        self._database.rows.update(new)
        self._database.after("deliver")
        return new.keys()

    def count(self, customer_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """How many rows stand of each of these files."""
        self._called("count")
        found = [key.file_id for key in self._database.rows if key.customer_id == customer_id]
        return {one: found.count(one) for one in file_ids if one in found}

    def close(self) -> None:
        """End the connection."""
        self._database.open -= self._is_open
        self._is_open = False

    def _called(self, name: str) -> None:
        if not self._is_open:
            raise Away("lost")
        self._database.called(name)
