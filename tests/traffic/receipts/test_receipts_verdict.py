"""The judge of a pile: what is right passes, and each thing that is wrong is told."""

from __future__ import annotations

from typing import Any

import pytest

from receipts.documents import SameReceipt
from receipts.fields import Receipt, TaxLine
from receipts.ids import file_id_of
from tests.traffic.receipts.receipts_judged import BATCH_ID, all_right, document_of, pile, receipt_of, sure
from tools.traffic.receipts import verdict
from tools.traffic.receipts.collection import Drawn
from tools.traffic.receipts.verdict import MARKED_RIGHT, MARKED_WRONG, RIGHT, WRONG


def problems(account: Any, found: Any) -> list[str]:
    return verdict.judge(pile(), account, found).problems


def single() -> Drawn:
    """A file with one receipt, whose bytes are no other's."""
    alone = {name for names in pile().same_content() + pile().same_receipt() for name in names}
    return next(
        one
        for one in pile().files
        if len(one.receipts) == 1 and one.name not in alone and one.receipts[0].currency_shown
    )


def read_as(receipt: Receipt) -> list[str]:
    """What is wrong when that file was read so."""
    account, found = all_right()
    found[file_id_of(single().content)] = document_of(single(), receipt)
    return problems(account, found)


def test_all_right() -> None:
    account, found = all_right()
    judged = verdict.judge(pile(), account, found)
    assert judged.problems == []
    once = {one.content: len(one.receipts) for one in pile().files}
    assert judged.receipts == sum(once.values()) > 20
    assert judged.refused.total() == sum(one.refused is not None for one in pile().files) == 13
    assert judged.outcomes("total") == {RIGHT: judged.receipts, MARKED_RIGHT: 0, MARKED_WRONG: 0, WRONG: 0}
    assert judged.outcomes("currency")[MARKED_RIGHT] > 0, "what is not printed is right to be marked"
    assert judged.same_content == 1


@pytest.mark.parametrize("name", verdict.FIELDS)
def test_a_field_that_is_wrong_must_be_marked(name: str) -> None:
    other = {"kind": "refund", "merchant": "Somebody else", "date": "1999-01-01", "currency": "JPY", "total": "0.01"}
    if single().receipts[0].kind == "refund":
        other["kind"] = "purchase"
    truth = single().receipts[0]
    (said,) = read_as(receipt_of(truth, **{name: sure(other[name])}))
    assert f"{name} is '{other[name]}' (printed-twice), not marked; drawn is " in said
    assert single().name in said
    assert read_as(receipt_of(truth, **{name: sure(other[name], review=True)})) == []
    assert f"{name} is None" in read_as(receipt_of(truth, **{name: sure(None)}))[0]


def test_tax_lines_are_counted_as_numbers() -> None:
    account, found = all_right()
    once = {one.content: one.receipts for one in pile().files}
    drawn = sum(len(truth.taxes) for receipts in once.values() for truth in receipts)
    assert verdict.judge(pile(), account, found).taxes == {"drawn": drawn, "read": drawn, "others": 0}
    with_taxes = next(one for one in pile().files if len(one.receipts) == 1 and len(one.receipts[0].taxes) > 1)
    truth = with_taxes.receipts[0]
    first, *rest = truth.taxes
    taxes = (TaxLine(f"{first.rate}0" if "." in first.rate else None, None, first.amount),)  # the net is not printed
    read = receipt_of(truth, taxes=(*taxes, *(TaxLine("99", tax.net, tax.amount) for tax in rest)))
    found[file_id_of(with_taxes.content)] = document_of(with_taxes, read)
    said = verdict.judge(pile(), account, found).taxes
    assert said == {"drawn": drawn, "read": drawn - len(rest), "others": len(rest)}


def test_a_name_is_compared_by_its_letters() -> None:
    truth = single().receipts[0]
    assert read_as(receipt_of(truth, merchant=sure(truth.merchant.upper().replace(" ", "  ")))) == []


def test_a_receipt_too_few_or_too_many() -> None:
    truth = single().receipts[0]
    account, found = all_right()
    found[file_id_of(single().content)] = document_of(single(), receipt_of(truth), receipt_of(truth))
    assert problems(account, found) == [f"2 receipts were read in {single().name}, and 1 are on it"]
    found[file_id_of(single().content)] = document_of(single())
    assert problems(account, found) == [f"0 receipts were read in {single().name}, and 1 are on it"]


def test_files_that_are_missing_twice_or_in_another_state() -> None:
    account, found = all_right()
    (bad,) = [one for one in account if one.get("reason") == "encrypted"]
    assert problems([one for one in account if one is not bad], found) == ["locked.pdf is not in the account"]
    assert problems([*account, bad], found) == ["locked.pdf is in the account twice"]
    bad["reason"] = "truncated"
    assert problems(account, found) == ["locked.pdf is quarantined (truncated), and must be refused: encrypted"]
    account, found = all_right()
    line = next(one for one in account if one["names"] == [single().name])
    line.update(state="quarantined", reason="truncated", detail="so it is")
    assert problems(account, found) == [f"{single().name} is quarantined, and must be read (truncated so it is)"]


def test_the_same_bytes_are_one_file() -> None:
    account, found = all_right()
    (names,) = pile().same_content()
    line = next(one for one in account if one["names"] == names)
    line["names"] = names[:1]
    other = {**line, "names": names[1:], "file_id": "f" * 32}
    said = problems([*account, other], {**found, "f" * 32: found[line["file_id"]]})
    assert said[-1] == f"{names[0]} and {names[1]} are the same bytes, and 2 files"


def test_another_picture_of_a_receipt_is_flagged_and_nothing_else() -> None:
    account, found = all_right()
    files = {one.name: one for one in pile().files}
    (names,) = pile().same_receipt()
    first, second = (files[name] for name in names)
    same = SameReceipt(file_id=file_id_of(first.content), batch_id=BATCH_ID)
    found[file_id_of(second.content)] = document_of(second, receipt_of(second.receipts[0]), same=same)
    judged = verdict.judge(pile(), account, found)
    assert (judged.same_receipt, judged.problems) == (1, [])
    found[file_id_of(single().content)] = document_of(single(), receipt_of(single().receipts[0]), same=same)
    (said,) = problems(account, found)
    assert said.startswith(f"{single().name} is flagged as another picture of ")
