"""Settings of the functions: the environment variables Terraform gives them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Json, PositiveInt

from receipts.delivery.pace import Budget
from receipts.fields import Hints
from receipts.ids import ReaderName

MOST_UPLOAD_SECONDS = 900
MOST_FILES = 500  # of a request that names them
MOST_ENTRIES = 2_000  # of an archive
MOST_FILE_BYTES = 32 * 1024 * 1024  # a split worker holds one file at a time, in 512 MB
MOST_ARCHIVE_BYTES = 1_000_000_000
# Each batch leaves two marks in its customer's row of the day, which is read and written whole.
MOST_BATCHES_A_DAY = 1_000
MOST_LANES = 100  # each is a connection to the database

# A table's name, with its schema's or not, as PostgreSQL writes one without quotes.
TABLE = r"^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$"

Text = Annotated[str, Field(min_length=1)]


class Limits(BaseModel):
    """What one customer may send in a day (UTC): batches, files, their bytes, their pixels."""

    model_config = ConfigDict(extra="forbid", strict=True)
    batches: int = Field(ge=1, le=MOST_BATCHES_A_DAY)
    files: PositiveInt
    bytes: PositiveInt
    pixels: PositiveInt


class _Customers(BaseModel):
    """Who the customer is: what the body says, or what the token does.

    A token with the trusted scope may send and ask for others.
    """

    customer_from: Literal["body", "token"]
    trusted_scope: str | None = None


class Pointing(BaseModel):
    """Who sends pointers of documents to the lanes, and wakes them.

    Without `delivery_queue_url` nothing is delivered; without `lanes` the agent alone delivers. A
    lane has one tick in `slot_seconds`.
    """

    delivery_queue_url: Text | None = None
    lane_queue_url: Text | None = None
    lanes: int = Field(default=0, ge=0, le=MOST_LANES)
    slot_seconds: int = Field(default=5, ge=1, le=60)


class AcceptSettings(_Customers):
    """accept's.

    An upload's address is good for `upload_seconds`; rows are kept for `keep_days`.
    """

    uploads_bucket: Text
    ledger_table: Text
    usage_table: Text
    limits: Json[Limits]
    upload_seconds: int = Field(ge=60, le=MOST_UPLOAD_SECONDS)
    keep_days: PositiveInt


class SplitSettings(BaseModel):
    """split's."""

    intake_queue_url: Text
    image_queue_url: Text
    uploads_bucket: Text
    documents_bucket: Text
    quarantine_bucket: Text
    ledger_table: Text
    usage_table: Text
    limits: Json[Limits]


class ReadSettings(Pointing):
    """read's. `reader` is the name of what reads, for people: "textract"."""

    image_queue_url: Text
    documents_bucket: Text
    quarantine_bucket: Text
    ledger_table: Text
    usage_table: Text
    limits: Json[Limits]
    hints: Json[Hints]
    reader: ReaderName


class AccountSettings(_Customers):
    """account's."""

    ledger_table: Text


class SettleSettings(BaseModel):
    """settle's."""

    delivered_queue_url: Text
    documents_bucket: Text
    quarantine_bucket: Text
    ledger_table: Text


class ReviewSettings(_Customers, Pointing):
    """review's."""

    documents_bucket: Text
    ledger_table: Text


class ReportSettings(_Customers, Pointing):
    """report's."""

    documents_bucket: Text
    ledger_table: Text


class SweepSettings(Pointing):
    """sweep's."""

    intake_queue_url: Text
    image_queue_url: Text
    uploads_bucket: Text
    ledger_table: Text


class WakeSettings(BaseModel):
    """wake's. Without `lanes` the agent alone delivers, and nobody is woken."""

    lane_queue_url: Text
    lanes: int = Field(ge=0, le=MOST_LANES)


class DeliverSettings(BaseModel):
    """deliver's. `database_secret` is the ARN of who it is to the database, and where that is."""

    delivery_queue_url: Text
    delivered_queue_url: Text
    lane_queue_url: Text
    documents_bucket: Text
    database_secret: Text
    database_table: str = Field(default="receipts", pattern=TABLE)
    pace: Json[Budget]
