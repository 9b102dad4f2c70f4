"""Stamps: what orders two ballots of one voter on one title.

Times are integer microseconds since the epoch.
"""

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b

from shared import strict_json

MOST_AHEAD_US = 60 * 1_000_000
MOST_BEHIND_US = 30 * 86_400 * 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_1_US, _YEAR_10000_US = -62_135_596_800 * 1_000_000, 253_402_300_800 * 1_000_000
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]{1,30})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-9]{2})"
).fullmatch


def from_rfc3339(text: str) -> int | None:
    """Microseconds of an RFC 3339 time with zone, or None if it is none.

    More than six digits of a fraction are cut off.
    """
    if _RFC3339(text) is None:
        return None
    try:
        since = datetime.fromisoformat(text.upper()) - _EPOCH
    except ValueError:
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def shown(time_us: int) -> str:
    """Any time, for people: as `to_rfc3339` has it, or in words where that has no year for it."""
    if time_us < _YEAR_1_US:
        return "a time before the year 1"
    if time_us >= _YEAR_10000_US:
        return "a time after the year 9999"
    return to_rfc3339(time_us)


def is_leap_second(text: str) -> bool:
    """Whether a text is an RFC 3339 time of a second of 60, which `from_rfc3339` takes for none."""
    return _RFC3339(text) is not None and text[17:19] == "60"


def to_rfc3339(time_us: int) -> str:
    """The time as 2026-11-21T08:00:00.123456Z.

    Raises ValueError, OverflowError or OSError for one outside of the years 1 to 9999.
    """
    seconds, micros = divmod(time_us, 1_000_000)
    return f"{_second(seconds)}.{micros:06d}Z"


@lru_cache(maxsize=16)  # the ballots of a request share one
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def new_ids(count: int) -> Iterator[str]:
    """`count` ballot ids nobody can guess, 16 characters each.

    They are of one draw of randomness, made when the first is asked for.
    """
    drawn = secrets.token_urlsafe(12 * count)
    for start in range(0, 16 * count, 16):
        yield drawn[start : start + 16]


def content_id(raw: object) -> str:
    """The id of a ballot that came without one, not by the API; the same for the same content."""
    digest = blake2b(strict_json.canonical(raw).encode("ascii"), digest_size=16).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
