"""How a review is closed: what a person says of a file's receipts, and the new fact that it makes.

What a person gives is held to the same rules as what was read (`canonical`). A fact is never
changed: the new one stands beside it, with the next revision.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from receipts import bodies
from receipts.canonical import is_amount, is_currency, is_date, is_kind, is_text
from receipts.documents import MOST_RECEIPTS, Document, FieldPart, ReceiptPart
from shared.http import HttpError
from shared.visible import shown

MOST_VALUES = 20_000  # of a body
MOST_TOLD = 20  # things that an answer says are wrong
READER = "review"  # who read a correction, in its document
CORRECTED, ACCEPTED = "corrected", "accepted"  # what such a field rests on

FIELDS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "kind": (is_kind, '"purchase" or "refund"'),
    "merchant": (is_text, "a name of 1 to 256 visible characters"),
    "date": (is_date, 'a day such as "2026-01-31"'),
    "currency": (is_currency, 'a code of three letters such as "EUR"'),
    "total": (is_amount, 'an amount such as "1234.50", with two or three digits behind its point'),
}

Json = dict[str, Any]


class Correction(NamedTuple):
    """What a person says of one receipt; its place in the file, values by field."""

    receipt: int
    values: Mapping[str, str]


class Closing(NamedTuple):
    """What closes a review: corrections, and whether all else is right as it was read."""

    corrections: tuple[Correction, ...]
    accepts: bool


def read(text: str) -> Closing:
    """What a body says. Raises HttpError 400."""
    body = bodies.object_of(text, MOST_VALUES)
    listed = body.get("corrections")
    if "corrections" not in body:
        one = {name: body[name] for name in ("receipt", "fields") if name in body}
        listed = [one] if one else []
    known = ("corrections", "accept") if "corrections" in body else ("receipt", "fields", "accept")
    if unknown := next((name for name in body if name not in known), None):
        message = f"closing a review has no {shown(unknown)} beside {shown(known[0])}: leave it out"
        raise HttpError(400, "unknown-field", message)
    accepts = body.get("accept", False)
    if not isinstance(accepts, bool):
        message = f"accept must be true or false; got {shown(accepts)}"
        raise HttpError(400, "bad-correction", message)
    if not isinstance(listed, list) or len(listed) > MOST_RECEIPTS:
        message = f"corrections must be a list of at most {MOST_RECEIPTS}"
        raise HttpError(400, "bad-correction", message)
    made = tuple(map(_correction, listed))
    if len({one.receipt for one in made}) < len(made):
        raise HttpError(400, "bad-correction", "two corrections are of one receipt: make them one")
    if not made and not accepts:
        message = 'say what is right: {"receipt": 0, "fields": {…}}, or {"accept": true}'
        raise HttpError(400, "bad-correction", message)
    return Closing(made, accepts)


def closed(document: Document, closing: Closing, read_at: str) -> Document:
    """The new fact: the document as a person says that it is. Raises HttpError 400.

    `read_at` is when they did. Whatever is marked must be said or accepted: nobody closes a mark
    that they have not seen.
    """
    receipts = list(document.receipts)
    for receipt, values in sorted(closing.corrections):
        if receipt > len(receipts):
            message = (
                f"the file has {len(receipts)} receipts, counted from 0; there is no {receipt}"
            )
            raise HttpError(400, "no-such-receipt", message)
        if receipt == len(receipts):
            receipts.append(_found(document, receipt, values))
        else:
            receipts[receipt] = _corrected(receipts[receipt], values)
    if closing.accepts:
        receipts = list(map(_accepted, receipts))
    elif left := _marked(receipts):
        message = "something is still not sure: give its value, or accept it; details say what"
        raise HttpError(400, "still-unsure", message, {"receipts": left[:MOST_TOLD]})
    told = {name: getattr(document, name) for name in Document.model_fields}
    return Document(**told | {"read_at": read_at, "reader": READER, "receipts": receipts})


def _correction(raw: object) -> Correction:
    if not isinstance(raw, dict) or raw.keys() != {"receipt", "fields"}:
        message = "a correction is an object with the number of its receipt and its fields"
        raise HttpError(400, "bad-correction", f"{message}; got {shown(raw)}")
    receipt, fields = raw["receipt"], raw["fields"]
    if type(receipt) is not int or not 0 <= receipt < MOST_RECEIPTS:
        message = f"receipt must be a whole number from 0 on; got {shown(receipt)}"
        raise HttpError(400, "bad-correction", message)
    if not isinstance(fields, dict) or not fields:
        message = f"fields must be an object with at least one of {', '.join(FIELDS)}"
        raise HttpError(400, "bad-correction", f"{message}; got {shown(fields)}")
    wrong = [told for name, value in fields.items() if (told := _wrong(name, value))]
    if wrong:
        message = "a field cannot be so: details say why"
        raise HttpError(
            400, "bad-field", message, {"receipt": receipt, "fields": wrong[:MOST_TOLD]}
        )
    return Correction(receipt, fields)


def _wrong(name: str, value: object) -> Json | None:
    """What is wrong with a field, if something is."""
    if name not in FIELDS:
        told = f"there is only {', '.join(FIELDS)}"
    else:
        is_so, what = FIELDS[name]
        if isinstance(value, str) and is_so(value):
            return None
        told = f"must be {what}, as text; got {shown(value)}"
    return {"field": shown(name)[1:-1], "message": told}


def _corrected(receipt: ReceiptPart, values: Mapping[str, str]) -> ReceiptPart:
    parts = {name: _by_hand(value, getattr(receipt, name)) for name, value in values.items()}
    return _with(receipt, parts)


def _accepted(receipt: ReceiptPart) -> ReceiptPart:
    marked = {name: getattr(receipt, name) for name in FIELDS if getattr(receipt, name).review}
    sure = {"review": False, "reason": ACCEPTED, "confidence": 100}
    return _with(receipt, {name: part.model_copy(update=sure) for name, part in marked.items()})


def _with(receipt: ReceiptPart, parts: dict[str, FieldPart]) -> ReceiptPart:
    """The receipt with these fields, marked where one of all is."""
    told = {name: getattr(receipt, name) for name in ReceiptPart.model_fields} | parts
    fields = {name: told[name] for name in FIELDS}
    review = [f"{name}:{field.reason}" for name, field in fields.items() if field.review]
    return ReceiptPart(**told | {"review": review})


def _found(document: Document, receipt: int, values: Mapping[str, str]) -> ReceiptPart:
    """A receipt that the reader has not found. Raises HttpError 400 unless all of it is given."""
    if missing := [name for name in FIELDS if name not in values]:
        message = f"receipt {receipt} would be a new one, and needs {', '.join(missing)} too"
        raise HttpError(400, "no-such-receipt", message)
    parts: Json = {name: _by_hand(value, None) for name, value in values.items()}
    page = document.receipts[-1].page if document.receipts else 1
    parts |= {"index": receipt, "page": page, "taxes": [], "review": []}
    return ReceiptPart(**parts, possible_duplicate_of=None)


def _by_hand(value: str, before: FieldPart | None) -> FieldPart:
    return FieldPart(
        value=value,
        confidence=100,
        reason=CORRECTED,
        review=False,
        box=before.box if before else None,
        alternatives=[],
    )


def _marked(receipts: list[ReceiptPart]) -> list[Json]:
    """What is still for a person, by receipt; a file without any is so as a whole."""
    if not receipts:
        return [{"receipt": 0, "review": ["receipt:not-found"]}]
    marked = [(one.index, one.review) for one in receipts if one.review]
    return [{"receipt": index, "review": review} for index, review in marked]
