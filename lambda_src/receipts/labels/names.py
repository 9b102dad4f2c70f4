"""Names of merchants: the words that tell one from an address, and what is cleaned off it.

All patterns are for text in capitals without accents (`text.plain`).
"""

from __future__ import annotations

import re

from receipts.labels.text import plain


def _words(*texts: str) -> str:
    """An alternation of whole words."""
    return "|".join(rf"\b{word}\b" for text in texts for word in text.split())


# What stands behind a company's name.
FORM = re.compile(
    r"\bSDN\.? ?,?BH[DU]\b|\bSDN\.? ?8HD|\bSDNBHD\b|\b[S5]/B\b|\bPTE\.? ?LTD\b|\bP\.?L\.?C\b"
    r"|\bL\.?L\.?P\b|\bCORP(?:ORATION)?\b|\bS\.?A\.?R\.?L\b|\bS\.?R\.?L\b|\bS\.?P\.?A\.?(?=\W|$)"
    r"|\bS\.?A\.?S\b|\bB\.V\.?|\bE\.? ?K\.(?=\W|$)|\bS\.L\.?(?=\W|$)|\bSP\. ?Z|\bCO\.(?=\W|$)"
    r"|\bK\.?K\.(?=\W|$)|" + _words("BERHAD BHD PLT LTD LIMITED GMBH INC LLC PTY OHG APS LDA")
)
# What shops call themselves.
BUSINESS = re.compile(
    "ENTERPRISE|TRADING|RESTAURANT|RESTORAN|MINIMARKET|SUPERMARKET|STORE|COFFEE|HARDWARE|KEDAI"
    "|SYARIKAT|PERNIAGAAN|STATIONERY|BAKERY|PHARMACY|HOTEL|FARMASI|PASARAYA|SEAFOOD|MACHINERY"
    "|ELECTRIC|MOTOR|CLINIC|KLINIK|GALLERY|KOPITIAM|SUPPLY|SUPPLIES|INDUSTRIES|FUEL|PETROL|KITCHEN"
    "|BISTRO|DINER|FURNITURE|TAILORING|RESOURCES|HOLDINGS|BENGKEL|CONFECTIONERY|PIZZA|"
    + _words("MARKET(?:ING)? MART SHOP CAFE AUTO BOOKS? SERVICES? STATION HOUSE GROUP PUSAT FOODS?")
)
ADDRESS = re.compile(
    r"\bNO\.? ?:?[0-9]|^NO\b|\b[0-9]{5}\b|\bUNIT [0-9]|\bSTR\. ?[0-9]|STRASSE|\bPT [0-9]"
    r"|\bMALL\b *\)?$|\bBATU [0-9]|\bKM ?[0-9]|SELANGOR|KUALA LUMPUR|"
    + _words(
        "JALAN JLN LOT TAMAN TMN LORONG STREET ROAD AVE AVENUE FLOOR LEVEL BLOCK BLK KAMPUNG LEBUH",
        "BANDAR SEKSYEN RUE VIA CALLE HIGHWAY PERSIARAN JOHOR DARUL WILAYAH PENANG PLAZA MALAYSIA",
    )
)
# Other things that stand in a receipt's head.
OTHER = re.compile(
    r"PHONE|MOBILE|WHATSAPP|@|WWW|HTTP|\.COM\b|INVOICE|RECEIPT|CASHIER|WELCOME|THANK|TABLE|ORDER"
    r"|SERVED|OWNED BY|LICENSEE|DUPLICATE|REPRINT|CASH SALES?\b|^CASH$|QUITTUNG|RECHNUNG|FACTUR"
    r"|SCONTRINO|PARAGON|BIENVENU|PROMO|CUSTOMER|ACCOUNT|^[A-Z]?[0-9]{3,}[A-Z]?$|^PAGE\b"
    r"|\bBR\.? ?NO|^(?:STORE|SHOP|STATION|BRANCH|OUTLET)\b\W{0,4}[0-9]|[0-9][.,][0-9]{2}(?![0-9])|"
    + _words("TEL FAX BILL GST VAT TAX REG ROC DATE COPY QTY SST ID HOTLINE COUNTER REFUND TIN ABN")
)
CODE = re.compile(r"[0-9]{4}")
# A company's registration: "(Co No. 315481-T)", "JM0352019-K", "(745-W)".
REGISTERED = re.compile(
    r"\bCO\W{0,2}(?:REG|NO)|\bREG(?:ISTRATION)?\W{0,2}NO|\bROC\b|\bBR\W{0,2}NO"
    r"|[0-9]{3,} ?- ?[A-Z]\b|^\(?[0-9]{4,7} ?[A-Z]\)?$"
)
# The same where it says so: what it follows is the company, whatever stands above.
REGISTERED_AS = re.compile(
    r"^\W*(?:CO|COMP|COMPANY|BUSINESS)\b\W{0,2}(?:REG(?:ISTRATION)?\b\W{0,2})?NO\b|^\W*ROC\b"
)
# How the second row of a name begins.
GOES_ON = re.compile(
    r"(?:ENTERPRISE|TRADING|CO\.?|COMPANY|RESTAURANT|& SONS?|AND SONS?|HOLDINGS?|INDUSTRIES)\b"
    r"(?! ?[A-Z]+ [A-Z]+ [A-Z]+)"
)
FORM_ALONE = re.compile(
    r"^(?:CO\.? ?)?(?:\(\w{1,4}\))? ?(?:SDN\.? ?BHD|BHD|LTD|LIMITED|INC|GMBH|LLC)\.?\W*$"
)
_SHORT_FORM = re.compile(r"\b5/B\b")
_MISREAD_FORM = re.compile(r"\b(SDN\.? ?)(?:BHU|8HD|BH0)(?=\W|$)", re.IGNORECASE)
# Long words of names, and letters that readers take for one another: a word that differs from one
# of these in one such letter is that word.
_KNOWN = (
    *("CONFECTIONERY", "ELECTRICAL", "ENTERPRISE", "FURNITURE", "HARDWARE", "HYPERMARKET"),
    *("INDUSTRIES", "INTERNATIONAL", "MACHINERY", "MARKETING", "MINIMARKET", "PERNIAGAAN"),
    *("PHARMACY", "RESOURCES", "RESTAURANT", "RESTORAN", "STATIONERY", "SUPERMARKET", "SYARIKAT"),
)
_ALIKE = tuple(map(frozenset, ("OUQDCG", "ILTJ", "HNM", "BRP", "VY", "EF")))
_PREFIX = re.compile(r"^(?:(?:SOLD|ISSUED|OPERATED|MANAGED) BY|FROM)\W+", re.IGNORECASE)
_NUMBERED = r"(?:co|comp|company|reg(?:istration)?|roc|brn?|no|rob|id)\b[.:# ]{0,3}"
_ENDING = r"(?: ?[-–/. ] ?[A-Z0-9]{1,2})?[XATHVDPWKMU]? ?[\])}]?[.,]?$"
_REGISTRATION = re.compile(
    # in brackets, named as such, long, or with a letter of its own behind a hyphen
    rf"[\[({{] ?(?:{_NUMBERED}){{0,4}}(?:[A-Z]{{1,3}}[-/ ]?)?[0-9O]{{3,14}}{_ENDING}"
    rf"|(?<!\w)(?:{_NUMBERED}){{1,4}}(?:[A-Z]{{1,3}}[-/ ]?)?[0-9O]{{3,14}}{_ENDING}"
    rf"|(?<!\w)(?:[A-Z]{{1,3}}[-/ ]?)?[0-9O]{{5,14}}{_ENDING}"
    r"|(?<!\w)[0-9]{3,} ?[-–] ?[A-Z][\])}]?[.,]?$"
    r"|\([^()]{0,8}[0-9]{3}[^()]{0,8}\)$",
    re.IGNORECASE,
)


def key(name: str) -> str:
    """A name without case, accents, blanks and punctuation: what two prints of it have in common.

    Made of letters and digits alone, in capitals; empty where a name has none.
    """
    return "".join(one for one in plain(name) if one.isalnum())


def cleaned(text: str) -> str:
    """A name without a registration number and marks around it, a digit in a word set right."""
    text = _PREFIX.sub("", text)
    if FORM.search(plain(text)) or _REGISTRATION.search(text):
        text = _REGISTRATION.sub("", text)
    text = text.strip(" .,:;-–—*#=_~'\"|/<>[]{}")
    if text.endswith("(") or (
        text.count("(") > text.count(")") and text.rfind("(") > len(text) - 4
    ):
        text = text[: text.rfind("(")].strip(" .,:;-")
    text = _MISREAD_FORM.sub(_as_printed, _SHORT_FORM.sub("S/B", text))
    return " ".join(_mended(word) for word in text.split())


def _as_printed(match: re.Match[str]) -> str:
    return match[1] + ("BHD" if match[1].isupper() else "Bhd")


def _mended(word: str) -> str:
    """A word with a 0 or 1 among letters as the letter, "1DEA", and a known word set right."""
    letters = sum(one.isalpha() for one in word)
    if letters < 3 or not word.isupper():
        return word
    if sum(one.isdigit() for one in word) == 1 and not word[-1].isdigit():
        return word.replace("0", "O").replace("1", "I")
    return next((known for known in _KNOWN if _misread(word, known)), word)


def _misread(word: str, known: str) -> bool:
    """Whether a word is a known one but for one letter that readers take for another."""
    if len(word) != len(known):
        return False
    apart = [{one, other} for one, other in zip(word, known, strict=True) if one != other]
    return len(apart) == 1 and any(apart[0] <= alike for alike in _ALIKE)
