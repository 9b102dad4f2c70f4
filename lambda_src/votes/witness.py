"""Witnesses: one ballot in so many leaves a line when accepted and one when settled, by its hashed id."""

import logging
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, Literal
from zlib import crc32

HASHES_A_LINE = 1000


def hashes(ballot_ids: Iterable[str], share: int) -> list[str]:
    """The hashed ids (16 hex digits) of the witnesses among `ballot_ids`: one in `share`, chosen by a checksum of the id."""
    encoded = (ballot_id.encode("utf-8", "surrogatepass") for ballot_id in ballot_ids)
    return [blake2b(one, digest_size=8).hexdigest() for one in encoded if crc32(one) % share == 0]


def line(logger: Any, stage: Literal["accepted", "settled"], outcome: str, found: Sequence[str]) -> None:
    """Write `found` to the log, 1,000 hashes a line; nothing if there are none.

    `outcome` says how (accepted; counted, superseded or quarantined). Written whatever the logger's level: the
    conservation check is not a matter of verbosity.
    """
    for start in range(0, len(found), HASHES_A_LINE):
        extra = {"witness": stage, "outcome": outcome, "hashes": list(found[start : start + HASHES_A_LINE])}
        logger.handle(logger.makeRecord(logger.name, logging.INFO, __file__, 0, "witness", (), None, "line", extra))
