"""The reader: AnalyzeExpense for one page, and what its errors mean for a file.

On AWS it is Textract, on the local cloud a stand-in at the endpoint AWS_ENDPOINT_URL_TEXTRACT: the
code is the same.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from botocore import exceptions as aws
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from receipts import labels
from receipts.fields import Box, Field, Hints, Receipt, TaxLine
from receipts.labels import AnswerInvalid
from receipts.picture import Page
from receipts.sniff import ImageRefused
from shared import backoff, clock, logs

# What Textract says of a page that it will never read.
LASTING = frozenset(
    {
        "BadDocumentException",
        "DocumentTooLargeException",
        "InvalidParameterException",
        "UnsupportedDocumentException",
    }
)
PASSING = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestTimeout",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
# What boto3 raises over an answer that it cannot make sense of; its own parser has no error for all
# of them.
_RUBBISH = (ResponseParserError, AttributeError, KeyError, TypeError, ValueError)
_UNREACHED = (aws.ConnectionError, aws.HTTPClientError, aws.IncompleteReadError)
ROUNDS, FIRST_PAUSE_SECONDS = 5, 1.0
INVALID_TRIES = 2  # in a row before the answer is called invalid
INVALID_RECEIVES = 3  # before that is said of the file and not of the reader


class Later(Exception):
    """The reader cannot be asked now; the file is as it was. `kind` says why, in a word."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Reader:
    """Reads pages with a Textract client, whose throttles it has repeated by itself by then."""

    def __init__(self, client: Any, hints: Hints) -> None:
        self._client, self._hints = client, hints

    def receipts(
        self, pages: tuple[Page, ...], receives: int, is_late: Callable[[], bool]
    ) -> list[Receipt]:
        """The receipts on all pages of a file.

        Pages cost: once the first is read, a busy reader is waited for as long as it is not late.
        Raises Later, or ImageRefused for a page that is never read.
        """
        found: list[Receipt] = []
        for number, page in enumerate(pages, 1):
            if is_late():
                raise Later("OutOfTime")
            read = self._patiently(page, receives, is_late, ROUNDS if number > 1 else 1)
            found += [_on_page(receipt, number) for receipt in read]
        return found

    def _patiently(
        self, page: Page, receives: int, is_late: Callable[[], bool], rounds: int
    ) -> list[Receipt]:
        for round_number in range(1, rounds + 1):
            try:
                return self._page(page, receives)
            except Later:
                if round_number == rounds or is_late():
                    raise
                clock.sleep(backoff.pause_seconds(round_number, FIRST_PAUSE_SECONDS))
        raise AssertionError("the last round returns or raises")

    def _page(self, page: Page, receives: int) -> list[Receipt]:
        for _ in range(INVALID_TRIES):
            try:
                return labels.receipts_of(self._answer(page), self._hints)
            except AnswerInvalid as error:
                invalid = error
        if receives < INVALID_RECEIVES:
            raise Later("AnswerInvalid") from invalid
        raise ImageRefused("reader-answer-invalid", str(invalid)[:200]) from invalid

    def _answer(self, page: Page) -> Any:
        try:
            return self._client.analyze_expense(Document={"Bytes": page.content})
        except ClientError as error:
            code = logs.kind_of(error)
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code in LASTING:
                detail = "the reader does not take the page, now or later"
                raise ImageRefused(f"reader-refused:{code}", detail) from error
            if code in PASSING or status >= 500 or status == 429:
                raise Later(code) from error
            raise  # ours to mend: rights, addresses, keys
        except _UNREACHED as error:
            raise Later(logs.kind_of(error)) from error
        except _RUBBISH as error:
            raise AnswerInvalid(f"boto3 cannot read it ({type(error).__name__})") from error


def _on_page(receipt: Receipt, page: int) -> Receipt:
    """The receipt on that page of the file: the reader has seen only one, which it calls 1."""

    def box_of(box: Box | None) -> Box | None:
        return replace(box, page=page) if box else None

    def field(one: Field) -> Field:
        return replace(one, box=box_of(one.box))

    def tax(one: TaxLine) -> TaxLine:
        return replace(one, box=box_of(one.box))

    return replace(
        receipt,
        page=page,
        kind=field(receipt.kind),
        merchant=field(receipt.merchant),
        date=field(receipt.date),
        currency=field(receipt.currency),
        total=field(receipt.total),
        taxes=tuple(tax(one) for one in receipt.taxes),
    )
