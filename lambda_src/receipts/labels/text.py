"""Text as it is compared: what readers mix up and printers glue together made alike."""

from __future__ import annotations

import unicodedata

MOST_CHARACTERS = 200  # of a line; a receipt's has 48, a page's some 120
_ALIKE = str.maketrans({"0": "O", "1": "I", "L": "I", "5": "S"})


def visible(text: str) -> str:
    """What can be seen of a line: one blank between words, plain digits, no control characters,
    at most MOST_CHARACTERS.
    """
    cut = text[:MOST_CHARACTERS]
    if cut.isascii() and cut.isprintable():
        return " ".join(cut.split())
    shown = unicodedata.normalize("NFKC", cut)[:MOST_CHARACTERS]
    return " ".join("".join(_shown(one) for one in shown).split())


def _shown(one: str) -> str:
    if one.isascii():
        return one if one.isprintable() else " "
    category = unicodedata.category(one)
    if category == "Nd":
        return str(unicodedata.decimal(one))
    if category[0] in "CZ":
        return "" if category in ("Cf", "Cs", "Co", "Cn") else " "
    return one


def plain(text: str) -> str:
    """Capitals without accents: "Zwischensumme €" is "ZWISCHENSUMME €"."""
    if text.isascii():
        return text.upper()
    split = unicodedata.normalize("NFKD", text.upper().replace("Ł", "L").replace("Ø", "O"))
    return "".join(one for one in split if not unicodedata.combining(one))


def alike(word: str) -> str:
    """A word as it is looked for in what `compact` gives."""
    return "".join(one for one in plain(word) if one.isalpha() or one.isdigit()).translate(_ALIKE)


def compact(text: str) -> str:
    """The letters of a line without blanks, those that readers mix up alike: "T0TAL", "Tota1" and
    "TOTAL" are one. Digits are kept only inside of words.
    """
    made = []
    for word in plain(text).replace("/", " ").split():
        letters = sum(one.isalpha() for one in word)
        if letters * 2 > sum(one.isdigit() for one in word):
            made.append(alike(word))
    return "".join(made)


def words(text: str) -> list[str]:
    """The words of a line in capitals without accents, split at all but letters and digits."""
    return "".join(one if one.isalnum() else " " for one in plain(text)).split()
