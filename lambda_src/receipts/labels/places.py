"""Where a receipt was printed, as far as it says so itself, and what is paid with there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from receipts.labels.page import Row
from receipts.labels.text import plain

# What stands on receipts of one country alone, or names it.
_SIGNS = {
    "MY": (
        r"MALAYSIA|\bSDN\.? ?BHD|\bBERHAD\b|\bRM ?[0-9]|\(RM\)|\bJALAN\b|\bTAMAN\b"
        r"|\bMYR\b|\bSST\b|SELANGOR|\bJOHOR\b|\bRM\b|\bDARUL\b|PETALING|\bKLANG\b"
        r"|\bIPOH\b|\bMELAKA\b|\bKEDAH\b|\bLORONG\b|\bRESTORAN\b|\bSYARIKAT\b|\bKEDAI\b"
        r"|\bPERSIARAN\b|GST ID|KUALA LUMPUR|\bPULAU PINANG\b|\bPERAK\b|\bSABAH\b"
        r"|\bSARAWAK\b"
    ),
    "SG": r"SINGAPORE|\bPTE\.? ?LTD|\bS\$ ?[0-9]|\bSGD\b",
    "GB": (
        r"UNITED KINGDOM|\bENGLAND\b|\bSCOTLAND\b|\bWALES\b|£ ?[0-9]|\bGBP\b"
        r"|\b[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}\b"
        r"|\bGB ?[0-9]{3} ?[0-9]{4} ?[0-9]{2}\b"
    ),
    "IE": r"\bIRELAND\b|\bDUBLIN\b",
    "US": (
        r"\b(?:A[KLRZ]|C[AOT]|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI"
        r"|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\.? [0-9]{5}(?:-[0-9]{4})?\b"
        r"|\bSALES TAX\b|\bUSD\b|\bUSA\b|\bLLC\b|UNITED STATES"
    ),
    "CA": r"\bCANADA\b|\b[A-Z][0-9][A-Z] [0-9][A-Z][0-9]\b|\bHST\b|\bCAD\b|\bQST\b",
    "AU": (
        r"\bAUSTRALIA\b|\bPTY\.? ?LTD|\bABN\b|\b(?:NSW|VIC|QLD|TAS) [0-9]{4}\b|\bAUD\b"
        r"|\bEFTPOS\b"
    ),
    "NZ": r"NEW ZEALAND|\bNZD\b|\bAUCKLAND\b",
    "IN": r"\bINDIA\b|\bCGST\b|\bSGST\b|\bGSTIN\b|₹|\bINR\b|\bRS\. ?[0-9]",
    "ID": r"\bINDONESIA\b|\bRP\.? ?[0-9]|\bPPN\b|\bIDR\b",
    "PH": r"\bPHILIPPINES\b|\bVATABLE\b|₱|\bPHP\b",
    "TH": r"\bTHAILAND\b|\bBANGKOK\b|฿|\bTHB\b",
    "HK": r"HONG KONG|HK\$|\bHKD\b",
    "TW": r"TAIWAN|NT\$|\bTWD\b",
    "JP": r"JAPAN|円|消費税|\bJPY\b",
    "CN": r"\bCHINA\b|人民币|\bCNY\b|\bRMB\b",
    "ZA": r"SOUTH AFRICA|\bZAR\b",
    "AE": r"\bDUBAI\b|\bAED\b|\bTRN\b.*\bVAT\b|ABU DHABI",
    "CH": r"\bCHF\b|SCHWEIZ|SUISSE|SVIZZERA|\bCHE-[0-9]{3}",
    "DE": r"\bGMBH\b|\bMWST\b|DEUTSCHLAND|\bGERMANY\b|\bUST-?ID|\bSTEUER-?NR",
    "AT": r"OSTERREICH|\bAUSTRIA\b|\bATU[0-9]{8}\b",
    "FR": r"\bFRANCE\b|\bTTC\b|\bSARL\b|\bSIRET\b|\bTVA\b",
    "ES": r"\bESPANA\b|\bSPAIN\b|\b(?:NIF|CIF)\b|FACTURA SIMPLIFICADA",
    "IT": r"\bITALIA\b|\bITALY\b|P\.? ?IVA\b|DOCUMENTO COMMERCIALE|\bS\.?R\.?L\b",
    "NL": r"NEDERLAND|NETHERLANDS|\bBTW\b",
    "PT": r"PORTUGAL|CONTRIBUINTE",
    "PL": r"\bPOLSKA\b|\bPTU\b|PARAGON|\bPLN\b|\bZL\b",
    "SE": r"\bSVERIGE\b|\bSWEDEN\b|\bMOMS\b.*\bSEK\b|\bSEK\b|ORG\.? ?NR",
    "DK": r"\bDANMARK\b|\bDENMARK\b|\bDKK\b|\bCVR\b",
    "NO": r"\bNORGE\b|\bNORWAY\b|\bNOK\b|\bMVA\b",
    "CZ": r"\bDPH\b|\bCZK\b|\bKC\b",
    "HU": r"\bHUF\b|\bFT\b.*\bAFA\b",
    "TR": r"\bKDV\b|₺|\bTURKIYE\b",
    "BR": r"\bCNPJ\b|R\$ ?[0-9]",
    "MX": r"\bMEXICO\b|\bMXN\b|\bRFC\b",
}
_PATTERNS = tuple((country, re.compile(pattern)) for country, pattern in _SIGNS.items())

PAID_WITH = {
    "MY": "MYR", "SG": "SGD", "GB": "GBP", "IE": "EUR", "US": "USD", "CA": "CAD", "AU": "AUD",
    "NZ": "NZD", "IN": "INR", "ID": "IDR", "PH": "PHP", "TH": "THB", "HK": "HKD", "TW": "TWD",
    "JP": "JPY", "CN": "CNY", "ZA": "ZAR", "AE": "AED", "CH": "CHF", "DE": "EUR", "AT": "EUR",
    "FR": "EUR", "ES": "EUR", "IT": "EUR", "NL": "EUR", "PT": "EUR", "PL": "PLN", "SE": "SEK",
    "DK": "DKK", "NO": "NOK", "CZ": "CZK", "HU": "HUF", "TR": "TRY", "BR": "BRL", "MX": "MXN",
    "BE": "EUR", "LU": "EUR", "FI": "EUR", "GR": "EUR", "AR": "ARS", "CL": "CLP", "CO": "COP",
}  # fmt: skip


def country_of(rows: Sequence[Row]) -> str | None:
    """The country that a receipt's own text speaks of (ISO 3166-1 alpha-2); None where nothing
    does, or two countries do alike.
    """
    texts = [plain(row.text) for row in rows]
    found = Counter(
        country for text in texts for country, pattern in _PATTERNS if pattern.search(text)
    )
    ranked = found.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
