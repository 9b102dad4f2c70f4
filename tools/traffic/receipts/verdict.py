"""What came of a pile of drawn files, beside what was drawn: files, receipts, and their fields.

Something is wrong where a file is not accounted for, or refused for another reason than it should
be, where a receipt is missing or is one too many, and where a field says something else than the
paper and is not marked for review. What is marked may be wrong: a person looks at it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import permutations
from typing import Any

from receipts.documents import Document, FieldPart, ReceiptPart, TaxPart
from receipts.rows import State
from tools.traffic.receipts.collection import Collection, Drawn
from tools.traffic.receipts.truth import Tax, Truth

FIELDS = ("merchant", "date", "currency", "total", "kind")
RIGHT, MARKED_RIGHT, MARKED_WRONG, WRONG = "right", "right, marked", "wrong, marked", "wrong, not marked"
OUTCOMES = (RIGHT, MARKED_RIGHT, MARKED_WRONG, WRONG)
READ = (State.READ, State.REVIEW, State.DELIVERED)

Json = dict[str, Any]


@dataclass
class Verdict:
    """How many fields came out how, by field and outcome; and each thing that is wrong, in words.

    `taxes` counts tax lines: "drawn", those of them that were "read" so, and "others" that were
    read; they carry no mark, so they are told and nothing is held against them. `refused` counts
    the reasons of files that were to be refused, and were.
    """

    fields: Counter[tuple[str, str]] = field(default_factory=Counter)
    taxes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    receipts: int = 0
    same_content: int = 0
    same_receipt: int = 0
    problems: list[str] = field(default_factory=list)

    def outcomes(self, name: str) -> dict[str, int]:
        """How often a field came out how."""
        return {outcome: self.fields[name, outcome] for outcome in OUTCOMES}


def judge(pile: Collection, account: Sequence[Json], documents: Mapping[str, Document]) -> Verdict:
    """Hold the files of an account, and the documents by file, against what was drawn."""
    verdict = Verdict()
    by_name = _by_name(account, verdict)
    for drawn in pile.files:
        line = by_name.get(drawn.name)
        if line is None:
            verdict.problems.append(f"{drawn.name} is not in the account")
        elif drawn.refused is not None:
            _refused(drawn, line, verdict)
        else:
            _read(drawn, line, documents.get(line.get("file_id", "")), verdict)
    _twice(pile, by_name, verdict)
    _again(pile, by_name, documents, verdict)
    return verdict


def _by_name(account: Sequence[Json], verdict: Verdict) -> dict[str, Json]:
    """The lines of an account by each name in them."""
    found: dict[str, Json] = {}
    for line in account:
        for name in line["names"]:
            if name in found:
                verdict.problems.append(f"{name} is in the account twice")
            found[name] = line
    return found


def _refused(drawn: Drawn, line: Json, verdict: Verdict) -> None:
    """A file that cannot be read is in quarantine, and for its own reason."""
    wanted = {"empty"} if not drawn.content else {str(drawn.refused)}
    if line["state"] != State.QUARANTINED or line.get("reason") not in wanted:
        told = f"{line['state']} ({line.get('reason', 'no reason')})"
        verdict.problems.append(f"{drawn.name} is {told}, and must be refused: {' or '.join(wanted)}")
    else:
        verdict.refused[str(line["reason"])] += 1


def _read(drawn: Drawn, line: Json, document: Document | None, verdict: Verdict) -> None:
    if line["state"] not in READ or document is None:
        why = f"{line.get('reason', '')} {line.get('detail', '')}".strip()
        verdict.problems.append(f"{drawn.name} is {line['state']}, and must be read {f'({why})' if why else ''}")
        return
    if drawn.name != line["names"][0]:
        return  # the same bytes as another's: judged once
    if len(document.receipts) != len(drawn.receipts):
        told = f"{len(document.receipts)} receipts were read in {drawn.name}"
        verdict.problems.append(f"{told}, and {len(drawn.receipts)} are on it")
        return
    verdict.receipts += len(drawn.receipts)
    for truth, found in _paired(drawn.receipts, document.receipts):
        _taxes(truth, found, verdict)
        for name in FIELDS:
            outcome = outcome_of(name, truth, getattr(found, name))
            verdict.fields[name, outcome] += 1
            if outcome == WRONG:
                verdict.problems.append(_wrong(drawn, name, truth, getattr(found, name)))


def _taxes(truth: Truth, found: ReceiptPart, verdict: Verdict) -> None:
    left = list(truth.taxes)
    for line in found.taxes:
        match = next((tax for tax in left if _agrees(tax, line)), None)
        if match is not None:
            left.remove(match)
        verdict.taxes["others"] += match is None
    verdict.taxes.update(drawn=len(truth.taxes), read=len(truth.taxes) - len(left))


def _agrees(tax: Tax, line: TaxPart) -> bool:
    """Whether a line has that tax's amount and no other rate or net; some print neither."""
    said = ((line.rate, tax.rate), (line.net, tax.net))
    return line.amount is not None and all(
        Decimal(read) == Decimal(drawn) for read, drawn in [(line.amount, tax.amount), *said] if read is not None
    )


def _wrong(drawn: Drawn, name: str, truth: Truth, found: FieldPart) -> str:
    printed = getattr(truth, name)
    layout = f"{truth.language}, {truth.layout}"
    return f"{drawn.name} ({layout}): {name} is {found.value!r} ({found.reason}), not marked; drawn is {printed!r}"


def _paired(drawn: Sequence[Truth], found: Sequence[ReceiptPart]) -> Iterator[tuple[Truth, ReceiptPart]]:
    """The receipts of a file with their truths, as most of them fit: their order says nothing."""

    def fits(order: tuple[ReceiptPart, ...]) -> int:
        pairs = zip(drawn, order, strict=True)
        return sum(_is_right(name, truth, getattr(one, name)) for truth, one in pairs for name in FIELDS)

    best: tuple[ReceiptPart, ...] = max(permutations(found), key=fits)
    yield from zip(drawn, best, strict=True)


def outcome_of(name: str, truth: Truth, found: FieldPart) -> str:
    """How a field of a receipt came out."""
    if _is_right(name, truth, found):
        return MARKED_RIGHT if found.review else RIGHT
    return MARKED_WRONG if found.review else WRONG


def _is_right(name: str, truth: Truth, found: FieldPart) -> bool:
    drawn = getattr(truth, name)
    if found.value is None:
        # nothing that is printed says which: then to say nothing, and to mark it, is right
        return name == "currency" and not truth.currency_shown and found.review
    return _key(found.value) == _key(drawn) if name == "merchant" else found.value == drawn


def _key(merchant: str) -> str:
    """A name without case, accents, blanks and marks."""
    plain = unicodedata.normalize("NFKD", merchant.casefold())
    return "".join(character for character in plain if character.isalnum())


def _twice(pile: Collection, by_name: Mapping[str, Json], verdict: Verdict) -> None:
    """The same bytes are one file, with all its names."""
    for names in pile.same_content():
        files = {by_name[name].get("file_id") for name in names if name in by_name}
        if len(files) != 1:
            verdict.problems.append(f"{' and '.join(names)} are the same bytes, and {len(files)} files")
        verdict.same_content += 1


def _again(pile: Collection, by_name: Mapping[str, Json], documents: Mapping[str, Document], verdict: Verdict) -> None:
    """Another picture of a receipt is flagged, and no other is."""
    ids = {name: str(line.get("file_id")) for name, line in by_name.items()}
    meant = [{ids[name] for name in names if name in ids} for names in pile.same_receipt()]
    for file_id, document in documents.items():
        for receipt in document.receipts:
            other = receipt.possible_duplicate_of
            if other is None:
                continue
            if any({file_id, other.file_id} <= group for group in meant):
                verdict.same_receipt += 1
            else:
                told = f"{document.names[0]} is flagged as another picture of {other.file_id}"
                verdict.problems.append(f"{told}, and is not")
