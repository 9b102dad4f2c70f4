"""The document of what was read of a file: the truth, written once, read strictly.

Version 1 (docs/adr/0031). What is not canonical never gets in: a number of 300 digits, a NaN, a NUL
or half a surrogate would break whoever comes after.
"""

import unicodedata
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from receipts import fields
from receipts.canonical import is_amount, is_currency, is_date, is_kind, is_rate, is_text
from receipts.fields import Receipt
from receipts.ids import BatchId, FileId, Identifier, ReaderName
from shared import strict_json
from shared.versions import require_known

VERSION = 1
MOST_RECEIPTS = 1_000  # of a file: 20 pages, 50 a page
MOST_TAXES, MOST_ALTERNATIVES = 20, 10
MOST_VALUES = 200_000
MOST_NAME = 1_024
MOST_BYTES = 8_000_000
NOT_CANONICAL = "not-canonical"  # why a field has no value, where a rule's cannot be written


class Unreadable(Exception):
    """A document that is not one of ours; the text names the place, and nothing that was read."""


def _that(is_so: Callable[[str], bool], what: str) -> Any:
    def check(text: str) -> str:
        if not is_so(text):
            raise ValueError(f"not {what}")
        return text

    return AfterValidator(check)


_Amount = Annotated[str, _that(is_amount, "a canonical amount")]
_Rate = Annotated[str, _that(is_rate, "a rate")]
_Name = Annotated[str, Field(max_length=MOST_NAME), _that(lambda t: t.isprintable(), "visible")]
_Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9:_-]{0,79}$")]
_Share = Annotated[float, Field(ge=-10, le=11)]
_Page = Annotated[int, Field(ge=1, le=1_000)]
_Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class BoxPart(_Strict):
    """`fields.Box`."""

    page: _Page
    left: _Share
    top: _Share
    width: _Share
    height: _Share


class FieldPart(_Strict):
    """`fields.Field`; what its values may be is checked by the receipt that it belongs to."""

    value: str | None
    confidence: Annotated[int, Field(ge=0, le=100)]
    reason: _Code
    review: bool
    box: BoxPart | None
    alternatives: Annotated[list[str], Field(max_length=MOST_ALTERNATIVES)]


def _values(is_so: Callable[[str], bool], what: str) -> Any:
    def check(field: FieldPart) -> FieldPart:
        values = [*([] if field.value is None else [field.value]), *field.alternatives]
        if not all(map(is_so, values)):
            raise ValueError(f"not {what}")
        return field

    return AfterValidator(check)


_Kind = Annotated[FieldPart, _values(is_kind, "a kind")]
_Merchant = Annotated[FieldPart, _values(is_text, "a name")]
_Day = Annotated[FieldPart, _values(is_date, "a day")]
_Currency = Annotated[FieldPart, _values(is_currency, "a currency")]
_Total = Annotated[FieldPart, _values(is_amount, "a canonical amount")]


class TaxPart(_Strict):
    """`fields.TaxLine`."""

    rate: _Rate | None
    net: _Amount | None
    amount: _Amount | None
    box: BoxPart | None


class SameReceipt(_Strict):
    """The file of the same customer that showed this receipt before."""

    file_id: FileId
    batch_id: BatchId


class ReceiptPart(_Strict):
    """`fields.Receipt`, its place in the file, and who showed it before."""

    index: Annotated[int, Field(ge=0, lt=MOST_RECEIPTS)]
    page: _Page
    kind: _Kind
    merchant: _Merchant
    date: _Day
    currency: _Currency
    total: _Total
    taxes: Annotated[list[TaxPart], Field(max_length=MOST_TAXES)]
    review: list[_Code]
    possible_duplicate_of: SameReceipt | None


class Document(_Strict):
    """What was read of one file. `read_at` is RFC 3339; width and height are the first page's."""

    v: Literal[1] = 1
    batch_id: BatchId
    customer_id: Identifier
    file_id: FileId
    names: Annotated[list[_Name], Field(min_length=1, max_length=100)]
    read_at: _Moment
    reader: ReaderName
    pages: _Page
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    notes: list[_Code]
    receipts: Annotated[list[ReceiptPart], Field(max_length=MOST_RECEIPTS)]

    @property
    def is_for_review(self) -> bool:
        """Whether a person has to look at it: at a field, or because there is no receipt in it."""
        return not self.receipts or any(receipt.review for receipt in self.receipts)


def encode(document: Document) -> bytes:
    """The bytes of a document: the same for the same."""
    return strict_json.canonical(document.model_dump()).encode("ascii")


def decode(content: bytes) -> Document:
    """Read a document. Raises Unreadable, or NewerVersion for one of a later release."""
    try:
        value = strict_json.loads(content.decode("utf-8"), MOST_VALUES)
    except ValueError as error:
        raise Unreadable(f"it is not JSON that we write: {type(error).__name__}") from None
    if not isinstance(value, dict) or type(value.get("v")) is not int:
        raise Unreadable("it says no version")
    require_known("a document", value["v"], VERSION)
    try:
        return Document.model_validate(value)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        raise Unreadable(f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from None


def key_of(customer_key: str, file_id: str, revision: int = 0) -> str:
    """Where a document lies in the bucket of documents; corrections are revisions from 1 on."""
    return f"results/{customer_key}/{file_id}{f'.{revision}' if revision else ''}.json"


def part_of(receipt: Receipt, index: int, same: SameReceipt | None = None) -> ReceiptPart:
    """A receipt as a document holds it.

    A field whose value cannot be written has none then, and is for review.
    """
    kept = {
        "kind": _kept(receipt.kind, is_kind),
        "merchant": _kept(receipt.merchant, is_text),
        "date": _kept(receipt.date, is_date),
        "currency": _kept(receipt.currency, is_currency),
        "total": _kept(receipt.total, is_amount),
    }
    return ReceiptPart(
        index=index,
        page=receipt.page,
        **kept,
        taxes=[_tax(tax) for tax in receipt.taxes[:MOST_TAXES]],
        review=[f"{name}:{field.reason}" for name, field in kept.items() if field.review],
        possible_duplicate_of=same,
    )


def _kept(field: fields.Field, is_so: Callable[[str], bool]) -> FieldPart:
    others = [text for text in field.alternatives if is_so(text)][:MOST_ALTERNATIVES]
    if field.value is not None and not is_so(field.value):
        return FieldPart(
            value=None,
            confidence=0,
            reason=NOT_CANONICAL,
            review=True,
            box=_box(field.box),
            alternatives=others,
        )
    return FieldPart(
        value=field.value,
        confidence=field.confidence,
        reason=field.reason,
        review=field.review,
        box=_box(field.box),
        alternatives=others,
    )


def _tax(tax: fields.TaxLine) -> TaxPart:
    def fit(text: str | None, is_so: Callable[[str], bool]) -> str | None:
        return text if text is not None and is_so(text) else None

    return TaxPart(
        rate=fit(tax.rate, is_rate),
        net=fit(tax.net, is_amount),
        amount=fit(tax.amount, is_amount),
        box=_box(tax.box),
    )


def _box(box: fields.Box | None) -> BoxPart | None:
    if box is None:
        return None
    sides = [min(11.0, max(-10.0, side)) for side in (box.left, box.top, box.width, box.height)]
    left, top, width, height = (round(side, 5) for side in sides)
    return BoxPart(page=box.page, left=left, top=top, width=width, height=height)


def fingerprint(receipt: Receipt) -> str | None:
    """The same for another picture of the same receipt; None where too little was read of it.

    It is of merchant, date, total, currency and kind, so two coffees of one price on one day have
    the same: whoever has it is only a possible duplicate.
    """
    known = (receipt.merchant.value, receipt.date.value, receipt.total.value)
    if None in known:
        return None
    parts = [_letters(str(known[0])), *map(str, known[1:]), receipt.currency.value or ""]
    text = strict_json.canonical([*parts, receipt.kind.value])
    return sha256(text.encode()).hexdigest()[:32]


def _letters(text: str) -> str:
    """A name without what two readings of it may differ in: case, accents, blanks, marks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if character.isalnum())


def receipts_of(parts: Sequence[Receipt], same: Sequence[SameReceipt | None]) -> list[ReceiptPart]:
    """The receipts of a file as its document holds them, each with who showed it before."""
    pairs = zip(parts[:MOST_RECEIPTS], same[:MOST_RECEIPTS], strict=True)
    return [part_of(receipt, index, other) for index, (receipt, other) in enumerate(pairs)]
