"""The receipts' tables, simulated or on the emulator, and rows to put into them."""

from typing import Any

from receipts.ids import batch_id_of, file_id_of
from receipts.ledger import INDEX, Ledger
from receipts.rows import Batch, FileRow, State
from receipts.settings import Limits
from receipts.usage import Usage
from tests.lambda_src.fakes import refusal
from tests.simulation.aws.backends import Shapes
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud

NOW_US = 1_795_248_000_000_000  # 2026-11-21T08:00:00Z
SECOND = 1_000_000
LIMITS = Limits(batches=3, files=100, bytes=1_000_000, pixels=10_000_000)
CUSTOMER = "customer-1"
BATCH_ID = batch_id_of(CUSTOMER, "token-1")


def create(client: Any, ledger: str = "ledger", usage: str = "usage") -> None:
    """Make both tables with a DynamoDB client of whatever kind."""
    for name, keys, indexed in (
        (ledger, ("batch_id", "item"), {"waiting": "S", "due_at": "N"}),
        (usage, ("customer_id", "period"), {}),
    ):
        kinds = dict.fromkeys(keys, "S") | indexed
        projected = {"Projection": {"ProjectionType": "KEYS_ONLY"}}
        indexes = [{"IndexName": INDEX, "KeySchema": _schema(*indexed), **projected}] if indexed else []
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in kinds.items()],
            KeySchema=_schema(*keys),
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )


def _schema(*keys: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": role} for key, role in zip(keys, ("HASH", "RANGE"), strict=True)]


class Tables:
    """Both tables on a simulated cloud with a clock of its own, or on another client."""

    def __init__(self, cloud: Cloud, limits: Limits = LIMITS) -> None:
        self.cloud = cloud
        self.client = cloud.client("dynamodb")
        create(self.client)
        self.ledger = Ledger(self.client, "ledger")
        self.usage = Usage(self.client, "usage", limits)

    def states(self, batch_id: str = BATCH_ID) -> dict[str, str]:
        """The state of each file of a batch, by its first name."""
        found = [item for item in self.ledger.items(batch_id) if item["item"]["S"].startswith("file#")]
        return {item["name"]["S"]: item["state"]["S"] for item in found}

    def used(self, customer_id: str = CUSTOMER) -> dict[str, int]:
        """What a customer is charged with on all days."""
        rows = [
            row
            for row in self.client.scan(TableName="usage", ConsistentRead=True)["Items"]
            if row["customer_id"]["S"] == customer_id
        ]
        units = [name for row in rows for name in row if name in Limits.model_fields]
        return {unit: sum(int(row[unit]["N"]) for row in rows if unit in row) for unit in units}

    def failing_at(self, place: int) -> "Failing":
        """Let one of the cloud's next calls fail."""
        made = self.cloud.meddler = Failing(place)
        return made


class Crash(BaseException):
    """The process ends here; no `except Exception` holds it up."""


class Failing(Shapes):
    """Fails one call: before its effect (even places), or after it (odd ones); or ends there."""

    def __init__(self, place: int, *, crashes: bool = False) -> None:
        self._place, self._crashes = place, crashes
        self.seen, self.failed = 0, False

    def before(self, call: Call) -> None:
        super().before(call)
        self._step(call)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        super().after(call, answer)
        self._step(call)

    def _step(self, call: Call) -> None:
        self.seen += 1
        if self.seen - 1 == self._place:
            self.failed = True
            if self._crashes:
                raise Crash
            raise refusal(call.operation, "InternalServerError")


def batch(**changes: Any) -> Batch:
    """A batch of two files."""
    made = Batch(
        batch_id=BATCH_ID,
        customer_id=CUSTOMER,
        kind="files",
        content="c" * 64,
        created_at=NOW_US,
        expires_at=NOW_US + 900 * SECOND,
        ttl=NOW_US // SECOND + 86_400,
        files=2,
        archive=None,
    )
    return made._replace(**changes)


def file_row(content: bytes = b"one", **changes: Any) -> FileRow:
    """A file that was just received."""
    file_id = file_id_of(content)
    made = FileRow(
        batch_id=BATCH_ID,
        customer_id=CUSTOMER,
        file_id=file_id,
        state=State.RECEIVED,
        name="one.jpg",
        bucket="documents",
        key=f"images/{BATCH_ID}/{file_id}",
        etag='"e"',
        size=len(content),
        received_at=NOW_US,
    )
    return made._replace(**changes)


class Refusing(Failing):
    """Fails every call of one operation, before its effect."""

    def __init__(self, operation: str) -> None:
        super().__init__(-1)
        self._operation = operation

    def _step(self, call: Any) -> None:
        if call.operation == self._operation:
            self._place = self.seen
        super()._step(call)
