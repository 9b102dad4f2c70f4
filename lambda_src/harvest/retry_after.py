"""How long a throttled answer asks to wait: the one reader of all forms of it.

The forms are listed in docs/harvest/waits.md, a row each, and the tests read that table.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

# Numbers below are seconds that are left (30 years of them), from there on a time since the epoch:
# in seconds, milliseconds, microseconds or nanoseconds, a thousand times larger each.
EPOCH_FROM = 1e9
# A server's clock may be off, ours too; beyond that its Date header is not about now.
DATE_OFF_SECONDS = 86_400.0
LONGEST_TEXT = 500  # characters of a header that are looked at

Form = Literal["auto", "seconds", "epoch"]

# in this order, after the one that the vendor declares
HEADERS = ("retry-after", "ratelimit", "x-ratelimit-reset", "ratelimit-reset")

_NUMBER = re.compile(r"\d{1,20}(?:\.\d{1,9})?")
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)", re.IGNORECASE)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
# "default";r=50;t=30 of draft-ietf-httpapi-ratelimit-headers, and limit=9, reset=30 before it
_LEFT = re.compile(r";\s*r\s*=\s*(\d{1,15})\b")
_UNTIL = re.compile(r"(?:;\s*t|\breset)\s*=\s*(\d{1,15})\b", re.IGNORECASE)


def wait_seconds(
    headers: Mapping[str, str],
    now_seconds: float,
    *,
    window_seconds: float,
    cap_seconds: float,
    header: str | None = None,
    form: Form = "auto",
) -> float:
    """The seconds to wait, from the headers (names in lower case) of a throttled answer.

    `now_seconds`: our clock, since the epoch; a time is compared with the answer's own Date where
    it has one. `window_seconds`: the vendor's declared window, waited where no header is understood
    or what it says is over already: the wait is never 0, and never more than `cap_seconds`.
    `header`, `form`: the one that the vendor declares, which is looked at first.
    """
    now = _date(headers.get("date", "")) or now_seconds
    if abs(now - now_seconds) > DATE_OFF_SECONDS:
        now = now_seconds
    declared = [(header.lower(), form)] if header else []
    others = [(name, "auto") for name in HEADERS if not header or name != header.lower()]
    for name, how in [*declared, *others]:
        text = headers.get(name, "").strip()[:LONGEST_TEXT]
        waits = [wait for wait in _waits(text, now, how) if wait > 0 and math.isfinite(wait)]
        if waits:
            return min(max(waits), cap_seconds)
    return min(window_seconds, cap_seconds)


def _waits(text: str, now: float, form: str) -> Iterator[float]:
    """Every wait that a header's text may mean; the longest is meant."""
    when = _date(text)
    if when is not None:
        yield when - now
        return
    if ";" in text or "=" in text:
        yield from _structured(text)
        return
    for part in text.split(","):
        yield from _one(part.strip().strip('"'), now, form)


def _one(text: str, now: float, form: str) -> Iterator[float]:
    """A number, a duration ("1m30s"), or nothing."""
    if _NUMBER.fullmatch(text):
        number = float(text)
        if form == "seconds" or (form == "auto" and number < EPOCH_FROM):
            yield number
        else:
            yield _since_epoch(number) - now
    elif text and not _PART.sub("", text).strip():
        yield sum(float(number) * _UNITS[unit.lower()] for number, unit in _PART.findall(text))


def _structured(text: str) -> Iterator[float]:
    """What is left of the windows in a RateLimit field: of those with nothing left, if any are."""
    waits: list[tuple[bool, float]] = []
    for item in text.split(",") if ";" in text else [text]:
        until, left = _UNTIL.search(item), _LEFT.search(item)
        if until:
            waits.append((left is not None and int(left[1]) == 0, float(until[1])))
    spent = [seconds for is_spent, seconds in waits if is_spent]
    yield from spent or [seconds for _, seconds in waits]


def _since_epoch(number: float) -> float:
    while number >= EPOCH_FROM * 1000:
        number /= 1000
    return number


def _date(text: str) -> float | None:
    """Seconds since the epoch of an HTTP date in any of its three forms, or of RFC 3339."""
    if not text or not (text[0].isalpha() or (text[0].isdigit() and "T" in text.upper())):
        return None  # it begins with a day's name, or is RFC 3339
    for read in _DATES:
        try:
            found = read(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError, IndexError, TypeError):
            continue
    return None


def _asctime(text: str) -> datetime:
    return datetime.strptime(text, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)


_DATES = (datetime.fromisoformat, parsedate_to_datetime, _asctime)


def lowered(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers with their names in lower case; what comes twice is one list, as HTTP has it."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found
