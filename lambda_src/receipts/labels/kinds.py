"""Whether money went to the shop or came back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from receipts.fields import PURCHASE, REFUND, Field
from receipts.labels import entries as e
from receipts.labels.entries import Ledger
from receipts.labels.page import Row
from receipts.labels.text import words

BELOW_ZERO, SAID, BOTH, NOTHING_SAID = (
    "total-below-zero",
    "said",
    "said-and-below-zero",
    "no-refund",
)
UNSURE = "refund-said-once"
MOST_WORDS = 5  # of a row that says what a receipt is; a sentence about returning goods has more

_REFUND = re.compile(
    r"\b(?:REFUND(?:ED)?|CREDIT (?:NOTE|MEMO)|GUTSCHRIFT|RUCKGABE|RETOURE|STORNO|ERSTATTUNG|AVOIR"
    r"|REMBOURSEMENT|DEVOLUCION|ABONO|RIMBORSO|RESO|NOTA DI CREDITO|RETOUR|CREDITNOTA|TERUGBETALING"
    r"|ZWROT|KORREKTA|RETUR|KREDITFAKTURA|REEMBOLSO|DEVOLUCAO|RETURN(?:S|ED)?|BAYARAN BALIK)\b"
)
_RULE = re.compile(
    r"\b(?:NO|NOT|NON|WITHIN|DAYS?|POLICY|ONLY|WITHOUT|EXCHANGE|EXCHANGES|IF|FOR|BY|ANY|CANNOT"
    r"|START|DATE|UNTIL|PLEASE|TO|ON|ARE|IS|VALUE|PRIZE|DEPOSIT|TAX FREE|FORM|VISIT|PACKAGING)\b"
)


def kind_field(rows: Sequence[Row], ledger: Ledger) -> Field:
    """A purchase unless the total is below zero or the receipt says that it is a refund."""
    totals = [entry for entry in ledger.of(e.TOTAL) or ledger.of(e.PAID, e.CARD) if entry.value]
    below = [entry for entry in totals if entry.value < 0]
    items = [entry for entry in ledger.of(e.ITEM, e.SUBTOTAL) if entry.value]
    said = [row for row in rows if _says_refund(row)]
    if below and said:
        return Field(REFUND, 99, BOTH, False, said[0].box)
    if below and len(below) == len(totals):
        return Field(REFUND, 90, BELOW_ZERO, False, below[0].row.box)
    if said:
        titled = said[0].number * 2 < len(rows) and not any(entry.value < 0 for entry in items)
        sure = titled and len(words(said[0].text)) <= 2
        reason, confidence = (SAID, 85) if sure else (UNSURE, 50)
        value = REFUND if titled or len(said) > 1 else PURCHASE
        other = PURCHASE if value == REFUND else REFUND
        return Field(value, confidence, reason, not sure, said[0].box, (other,))
    if below:
        return Field(PURCHASE, 50, UNSURE, True, below[0].row.box, (REFUND,))
    return Field(PURCHASE, 97, NOTHING_SAID, review=False)


def _says_refund(row: Row) -> bool:
    text = " ".join(word for word in words(row.text) if not word.isdigit())
    if not _REFUND.search(text) or _RULE.search(text):
        return False
    return len(text.split()) <= MOST_WORDS
