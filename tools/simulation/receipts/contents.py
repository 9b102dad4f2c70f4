"""The files that people send in a history, what stands on them, and what a decoder makes of them.

A file is a few bytes that begin as one of its kind does. Decoding is stood in: it has tests of its
own. What stands on a page is a few rows, in the form in which a reader gives their lines.
"""

from functools import cache
from typing import Any, NamedTuple

from receipts import labels, sniff
from receipts.fields import Hints, Receipt
from tools.simulation.surroundings import Here

Json = dict[str, Any]
SIDES = 40, 60  # of every page, in pixels
PAGE_PIXELS = SIDES[0] * SIDES[1]
HINTS = Hints()


Rows = tuple[tuple[str, ...], ...]


def _purchase(merchant: str, day: str, sign: str, *prices: str) -> Rows:
    """What stands on a receipt that anybody can read: cash and change prove its total."""
    total = sum(int(price.replace(".", "")) for price in prices)
    shown = f"{total // 100}.{total % 100:02}"
    return (
        (merchant,),
        ("12 Mill Lane, London SW1A 1AA",),
        ("Date", day),
        *((f"Item {number}", f"{sign}{price}") for number, price in enumerate(prices)),
        ("TOTAL", f"{sign}{shown}"),
        ("Cash", f"{sign}{total // 100 + 10}.{total % 100:02}"),
        ("Change", f"{sign}10.00"),
    )


# What stands on paper, row by row; by the number of the receipt. Some is for a person to look at.
RECEIPTS: dict[int, Rows] = {
    1: _purchase("Quick Stop Market", "21 February 2026", "$", "12.10", "3.20"),
    2: _purchase("Harbour Lane Books", "03/04/2026", "£", "9.99"),
    3: _purchase("Northgate Hardware Ltd", "10 November 2026", "£", "100.00", "29.13"),
    4: (("Northgate Hardware",), ("Thank you for your visit",)),
    5: _purchase("Harbour Lane Grocers Ltd", "7 September 2026", "£", "85.00", "0.12"),
}


class Content(NamedTuple):
    """A file: the numbers of the receipts on each of its pages, and what is wrong with it.

    `picture` tells two pictures of one receipt apart.
    """

    pages: tuple[tuple[int, ...], ...] = ()
    picture: int = 0
    wrong: str = ""


# What becomes of a file by what is wrong with it: the reason.
REASONS = {
    "text": "not-an-image",
    "gif": "unsupported-type",
    "zip": "nested-archive",
    "empty": "empty",
    "ratio": "bad-ratio",
    "poison": "unreadable",
    "kills": "unreadable",
    "refused": "reader-refused:UnsupportedDocumentException",
    "rubbish": "reader-answer-invalid",
}
CONTENTS = (
    Content(((3,),)),
    Content(((3,),), 1),
    Content(((5,),)),
    Content(((5,),), 1),
    Content(((1,),)),
    Content(((3,), (5, 1), (4,))),
    Content(((4, 4), (2,))),
    Content(((),)),
    *(Content(((3,),), wrong=wrong) for wrong in REASONS),
)
GOOD = tuple(number for number, one in enumerate(CONTENTS) if not one.wrong)
_BEGINS = {"text": b"notes ", "gif": b"GIF89a", "zip": b"PK\x03\x04"}


def content_of(number: int) -> bytes:
    """The bytes of a file of CONTENTS."""
    wrong = CONTENTS[number].wrong
    return b"" if wrong == "empty" else _BEGINS.get(wrong, b"\xff\xd8\xff\xe0") + f"content {number:03}".encode()


def number_of(content: bytes) -> int:
    """The number of a file in CONTENTS, from its bytes or a page's."""
    return int(content.rpartition(b"content ")[2][:3])


def page_of(number: int, page: int) -> bytes:
    """What the reader gets of a page."""
    return b"page %d of content %03d" % (page, number)


def prepare(content: bytes) -> Any:
    """In the place of `image.prepare`."""
    from receipts.image import Page, Prepared

    kind = sniff.kind_of(content)
    number = number_of(content)
    match CONTENTS[number].wrong:
        case "ratio":
            raise sniff.ImageRefused("bad-ratio", "one side is too long")
        case "poison":
            raise MemoryError
        case "kills":
            Here.world.stage.crash()
    pages = tuple(Page(page_of(number, page), *SIDES) for page in range(len(CONTENTS[number].pages)))
    return Prepared(kind, pages, ())


@cache
def answer_to(page: bytes) -> Json:
    """What an ideal reader answers to a page: a document for each receipt."""
    number = number_of(page)
    receipts = CONTENTS[number].pages[int(page.split()[1])]
    documents = [_document(receipt) for receipt in receipts]
    return {"DocumentMetadata": {"Pages": 1}, "ExpenseDocuments": documents, "Page": page.decode()}


def _document(receipt: int) -> Json:
    """A receipt as the reader gives it: a box for each text, a label and its amount on one row."""
    found = []
    for row, texts in enumerate(RECEIPTS[receipt]):
        for place, text in enumerate(texts):
            box = {"Left": 0.1 + 0.5 * place, "Top": 0.05 + 0.06 * row, "Width": 0.018 * len(text), "Height": 0.03}
            found.append({"BlockType": "LINE", "Text": text, "Confidence": 99.0, "Geometry": {"BoundingBox": box}})
    return {"ExpenseIndex": 1, "SummaryFields": [], "LineItemGroups": [], "Blocks": found}


_receipts_of = labels.receipts_of
_read: dict[str, list[Receipt]] = {}


def receipts_of(answer: Any, hints: Hints) -> list[Receipt]:
    """In the place of `labels.receipts_of`, which takes longer than all else of a history, and
    gives the same for the same.
    """
    page = answer.get("Page") if isinstance(answer, dict) else None
    if page is None:
        return _receipts_of(answer, hints)
    if page not in _read:
        _read[page] = _receipts_of(answer, hints)
    return _read[page]


def truth(number: int) -> list[Receipt]:
    """What must be read of a file."""
    pages = range(len(CONTENTS[number].pages))
    return [receipt for page in pages for receipt in receipts_of(answer_to(page_of(number, page)), HINTS)]


@cache
def state_of(number: int) -> tuple[str, str | None]:
    """What must become of a file that nothing happens to: its state, and the reason if refused."""
    wrong = CONTENTS[number].wrong
    if wrong:
        return "quarantined", REASONS[wrong]
    found = truth(number)
    return ("review" if not found or any(receipt.review for receipt in found) else "read"), None
