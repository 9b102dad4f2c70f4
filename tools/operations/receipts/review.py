"""`make review`: the files that a person has to look at, with what is not sure in each; with FILE,
closes one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from botocore.exceptions import ClientError
from rich.console import Console

from receipts import documents
from receipts.deliveries import is_to_review
from receipts.documents import Document, FieldPart, ReceiptPart, Unreadable
from receipts.ids import customer_key
from receipts.rows import FileRow
from shared.versions import NewerVersion
from tools.common.text import visible
from tools.operations.deployment import Deployment
from tools.operations.receipts import close_review
from tools.operations.receipts.batch import account_of
from tools.operations.receipts.ledger_rows import MOST_PAGES, files

FIELDS = ("kind", "merchant", "date", "currency", "total")


@dataclass(frozen=True)
class Options:
    """Of one batch alone, and how many files at most.

    With `file_id` the review of that file is closed, with `fields` of its receipt number `receipt`,
    or with all as it was read where one `accepts` that.
    """

    batch_id: str = ""
    most: int = 100
    file_id: str = ""
    receipt: int = 0
    fields: str = ""
    accept: bool = False
    confirm: bool = False


def run(deployment: Deployment, console: Console, options: Options) -> int:
    """Print a line for each file, and one for each receipt in it; or close a review."""
    if options.file_id:
        body = close_review.body_of(options.receipt, options.fields, accept=options.accept)
        return close_review.run(deployment, console, body, options.batch_id, options.file_id, confirm=options.confirm)

    def say(text: str) -> None:
        console.print(visible(text), soft_wrap=True, highlight=False, markup=False)

    of_all = filter(is_to_review, files(deployment))
    found = _of_batch(deployment, options.batch_id) if options.batch_id else of_all
    rows = list(islice(found, options.most + 1))
    for row in rows[: options.most]:
        say(f"{row.batch_id} {row.file_id} {row.name} ({row.customer_id}), {row.state}")
        for line in _why(deployment, row):
            say(f"  {line}")
    if len(rows) > options.most:
        say(f"… and more: MOST={options.most} were listed; BATCH=… lists those of one batch")
    where = f"batch {options.batch_id}" if options.batch_id else f"the first {MOST_PAGES} MB of the ledger"
    say(f"{min(len(rows), options.most)} files for review in {where}")
    return 0


def _of_batch(deployment: Deployment, batch_id: str) -> Iterator[FileRow]:
    lines = account_of(deployment, batch_id).lines
    yield from (line.row for line in lines if line.row is not None and is_to_review(line.row))


def _why(deployment: Deployment, row: FileRow) -> Iterator[str]:
    """What is not sure in each receipt of a file, by its document."""
    if row.reason is not None:
        yield f"{row.reason}: {row.detail}"
    revision = max(0, len(row.revisions) - 1)
    corrected = documents.key_of(customer_key(row.customer_id), row.file_id, revision)
    document = _document(deployment, corrected if revision else row.result_key or "")
    if isinstance(document, str):
        yield document
        return
    if not document.receipts:
        yield "no receipt was found in it"
    for receipt in document.receipts:
        if receipt.review:
            yield f"receipt {receipt.index + 1}, page {receipt.page}: {'; '.join(_unsure(receipt))}"
        if receipt.possible_duplicate_of is not None:
            other = receipt.possible_duplicate_of
            yield f"receipt {receipt.index + 1} may be that of file {other.file_id} in batch {other.batch_id}"


def _unsure(receipt: ReceiptPart) -> Iterator[str]:
    for name in FIELDS:
        field: FieldPart = getattr(receipt, name)
        if field.review:
            values = [*([field.value] if field.value is not None else []), *field.alternatives]
            yield f"{name} {' or '.join(dict.fromkeys(values)) or 'not found'} ({field.reason})"


def _document(deployment: Deployment, key: str) -> Document | str:
    """The document under a key; why there is none, in words."""
    s3, bucket = deployment.client("s3"), deployment.outputs["buckets"]["documents"]
    try:
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read(documents.MOST_BYTES)
        return documents.decode(content)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return "its document is no longer kept"
    except (Unreadable, NewerVersion) as error:
        return f"its document cannot be read: {error}"
