"""What the votes table holds, read as docs/votes/counting.md says it; shares nothing with the
pipeline.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

Key = tuple[str, str]
Standing = dict[str, tuple[int | None, int, str]]  # aspect → score, cast_at, ballot id
ASPECTS = ("#aspects", "#aspects")


def votes_of(items: Mapping[Key, Any]) -> dict[Key, Standing]:
    """Every standing vote in the table, in plain values."""
    return {key: standing_of(row, items) for key, row in items.items() if key != ASPECTS}


def names_in(items: Mapping[Key, Any]) -> list[str]:
    """The aspects by number."""
    return [name["S"] for name in items[ASPECTS]["standing"]["L"]] if ASPECTS in items else []


def standing_of(row: Any, items: Mapping[Key, Any]) -> Standing:
    """A vote's row, in plain values; `items` is the table, which names the aspects."""
    if "B" in row["standing"]:
        return dict(_packed(row["standing"]["B"], names_in(items)))
    return {
        aspect: (
            int(held["M"]["score"]["N"]) if "N" in held["M"]["score"] else None,
            int(held["M"]["cast_at"]["N"]),
            held["M"]["ballot_id"]["S"],
        )
        for aspect, held in row["standing"]["M"].items()
    }


def _packed(packed: bytes, names: list[str]) -> Iterator[tuple[str, tuple[int | None, int, str]]]:
    left = packed
    while left:
        length, left = left[0], left[1:]
        size = -(-length * 6 // 8) if length else 16
        held, time, left = left[:size], left[size : size + 7], left[size + 7 :]
        ballot_id = urlsafe_b64encode(held + b"\0\0\0").decode()[:length] if length else str(UUID(bytes=held))
        cast_at = int.from_bytes(time, signed=True)
        mask, left = _number(left)
        for number, name in enumerate(names):
            if mask & (1 << number):
                value, left = _number(left)
                score = None if value == 0 else (value - 1) // 2 if value & 1 else -value // 2
                yield name, (score, cast_at, ballot_id)
        assert mask < 1 << len(names), "an aspect without a name"


def _number(left: bytes) -> tuple[int, bytes]:
    end = next(at for at, byte in enumerate(left) if byte < 128) + 1
    return sum((byte & 127) << (7 * at) for at, byte in enumerate(left[:end])), left[end:]
