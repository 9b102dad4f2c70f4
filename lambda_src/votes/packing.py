"""A standing vote in few bytes: a stamp once for all aspects that one ballot cast, and scores.

A group a ballot, one after the other, nearly always one in all:

    length of the ballot id (1 byte; 0 for a UUID), the id at 6 bits a character (a UUID: 16 bytes),
    cast_at (7 bytes), the set of its aspects by number, a score each in order of the numbers

Sets and scores are numbers of as many bytes as they need, 7 bits each, the lowest first. A score is
0 for withdrawn, else 1 + 2 × score, or −2 × score for one below zero. Which aspect has which
number: see votes.aspects.
"""

import re
from base64 import urlsafe_b64encode
from binascii import a2b_base64
from collections.abc import Callable, Mapping

from votes.standing import AspectVote, Standing

TIME_BYTES = 7  # years 829 to 3111
MOST_BITS = 1024  # of a set or a score; more is damage

_TO_BASE64 = str.maketrans("-_", "+/")
_is_id = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII).fullmatch
_is_uuid = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII).fullmatch


class Unpackable(Exception):
    """It has no such bytes (a time or an id like no other): it must be stored in full."""


def pack(standing: Standing, numbers: Mapping[str, int]) -> bytes:
    """The bytes of a standing vote. Raises Unpackable."""
    groups: dict[tuple[int, str], dict[int, int]] = {}
    for aspect, (score, cast_at, ballot_id) in standing.items():
        cells = groups.setdefault((cast_at, ballot_id), {})
        cells[numbers[aspect]] = 0 if score is None else 1 + 2 * score if score >= 0 else -2 * score
    if not groups:
        raise Unpackable("a standing vote without aspects")
    packed = bytearray()
    for (cast_at, ballot_id), cells in groups.items():
        packed += _packed_id(ballot_id)
        try:
            packed += cast_at.to_bytes(TIME_BYTES, "big", signed=True)
        except OverflowError as error:
            raise Unpackable(f"it was cast at {cast_at} µs") from error
        aspects = 0
        for number in cells:
            aspects |= 1 << number
        _add_number(packed, aspects)
        for number in sorted(cells):
            _add_number(packed, cells[number])
    return bytes(packed)


def unpack(packed: bytes, name_of: Callable[[int], str]) -> Standing:
    """The standing vote of these bytes; `name_of` says which aspect has a number.

    Raises ValueError or IndexError for bytes that `pack` does not make.
    """
    standing: Standing = {}
    at = 0
    while at < len(packed) or not standing:
        ballot_id, at = _id_at(packed, at)
        end = at + TIME_BYTES
        cast_at = int.from_bytes(packed[at:end], "big", signed=True)
        aspects, at = _number_at(packed, end)
        if not aspects:
            raise ValueError("a ballot without aspects")
        for number in range(aspects.bit_length()):
            if aspects >> number & 1:
                value, at = _number_at(packed, at)
                score = None if not value else value // 2 if value % 2 else -(value // 2)
                aspect = name_of(number)
                if aspect in standing:
                    raise ValueError("an aspect comes twice")
                standing[aspect] = AspectVote(score, cast_at, ballot_id)
    return standing


def _packed_id(ballot_id: str) -> bytes:
    if _is_uuid(ballot_id):
        return b"\0" + bytes.fromhex(ballot_id.replace("-", ""))
    if not _is_id(ballot_id):
        raise Unpackable("its ballot id is no identifier")
    length = len(ballot_id)
    whole = ballot_id.translate(_TO_BASE64) + "A" * (-length % 4)
    return bytes([length]) + a2b_base64(whole)[: _bytes_of(length)]


def _id_at(packed: bytes, at: int) -> tuple[str, int]:
    length = packed[at]
    end = at + 1 + (_bytes_of(length) if length else 16)
    held = packed[at + 1 : end]
    if length > 64 or len(packed) < end + TIME_BYTES:
        raise ValueError("it breaks off, or its first byte is none")
    if not length:
        digits = held.hex()
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return "-".join(parts), end
    return urlsafe_b64encode(held + bytes(-len(held) % 3))[:length].decode("ascii"), end


def _bytes_of(characters: int) -> int:
    return (6 * characters + 7) // 8


def _add_number(packed: bytearray, value: int) -> None:
    while value > 127:
        packed.append(value & 127 | 128)
        value >>= 7
    packed.append(value)


def _number_at(packed: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = packed[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > MOST_BITS:
            raise ValueError("a number without an end")
