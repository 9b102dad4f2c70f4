"""Witnesses: one item in so many leaves a line when accepted, and one when settled.

A key that no client knows chooses them and names them in lines. So nobody can make all items
witnesses, or none; and no line leads back to an item.
"""

import logging
import os
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from shared import clients, clock, logs
from shared.keys import Key

KEY = "witness"  # its name
HASHES_A_LINE = 1000
# Until a key that could not be read is asked for again: twice as long each time, up to the most.
# A new role or table refuses for seconds; one that is out costs each request that asks two.
AGAIN_SECONDS, MOST_AGAIN_SECONDS = 1.0, 30.0

Stage = Literal["accepted", "settled"]


class Witnessing:
    """Chooses witnesses, one item in `share`, and writes their lines."""

    def __init__(self, key: Key, share: int) -> None:
        self._key, self._share = key, share
        self._prepared, self._not_before, self._again = False, 0.0, AGAIN_SECONDS

    def prepare(self) -> None:
        """Have the key, before the items are where anybody may settle them.

        Later would be too late: they may be settled without a line, while there is no key yet.
        Never fails: without the key, items are not watched, that is all. So a table that is out
        keeps nothing from being accepted.
        """
        if self._prepared or clock.monotonic() < self._not_before:
            return
        try:
            self._prepared = self._key.get() is not None
        except (ClientError, BotoCoreError) as error:
            self._not_before = clock.monotonic() + self._again
            self._again = min(2 * self._again, MOST_AGAIN_SECONDS)
            cause = {"place": "witness", "kind": logs.kind_of(error), **logs.cause_of(error)}
            logs.logger().warning("witnesses not chosen", extra=cause)

    def accepted(self, ids: Iterable[str]) -> None:
        """Tell that items were accepted, if that was prepared for before they were."""
        if self._prepared:
            self._tell("accepted", "accepted", ids)

    def settled(self, outcome: str, ids: Iterable[str]) -> None:
        """Tell how items were settled, `outcome` being a word of the pipeline's.

        Raises the client's errors: an item that was accepted with a line and is settled without
        one counts as lost.
        """
        self._tell("settled", outcome, ids)

    def hashes(self, ids: Iterable[str]) -> list[str]:
        """The witnesses among `ids`, as lines name them (16 hex digits).

        None while there is no key: then nobody has told of anything accepted. Raises the client's
        errors.
        """
        ids = list(ids)
        key = self._key.get() if ids else None
        if key is None:
            return []
        keyed = blake2b(key=key, digest_size=16)
        hashed = []
        for one in ids:
            of_one = keyed.copy()
            of_one.update(one.encode("utf-8", "surrogatepass"))
            digest = of_one.digest()
            if int.from_bytes(digest[8:], "big") % self._share == 0:
                hashed.append(digest[:8].hex())
        return hashed

    def _tell(self, stage: Stage, outcome: str, ids: Iterable[str]) -> None:
        if hashed := self.hashes(ids):
            key = self._key.get() or b""
            line(stage, outcome, hashed, blake2b(key=key, digest_size=4).hexdigest())


def by_key_of(client: Any, table: str, share: int, *, makes: bool = False) -> Witnessing:
    """Witnesses by the key in a table of keys (see `Key`, which has the client and `makes`)."""
    return Witnessing(Key(client, table, KEY, makes=makes), share)


@cache
def of_environment(*, makes: bool = False) -> Witnessing:
    """The worker's witnesses, by KEYS_TABLE and WITNESS_SHARE as modules/conservation gives them.

    Who says `accepted` is the one that `makes` the key.
    """
    table, share = os.environ["KEYS_TABLE"], int(os.environ["WITNESS_SHARE"])
    return by_key_of(clients.client("dynamodb"), table, share, makes=makes)


def line(stage: Stage, outcome: str, hashed: Sequence[str], key: str) -> None:
    """Write `hashed` to the log, 1,000 hashes a line.

    `key` tells one key from another, and nothing else of it. Written whatever the logger's level:
    the conservation check is not a matter of verbosity.
    """
    logger: Any = logs.logger()
    for start in range(0, len(hashed), HASHES_A_LINE):
        extra = {
            "witness": stage,
            "outcome": outcome,
            "key": key,
            "hashes": list(hashed[start : start + HASHES_A_LINE]),
        }
        logger.handle(
            logger.makeRecord(
                logger.name, logging.INFO, __file__, 0, "witness", (), None, "line", extra
            )
        )
