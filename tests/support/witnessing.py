"""Witnesses chosen by a key that tests know."""

from __future__ import annotations

from typing import Any

from shared import witness
from shared.keys import Key
from shared.witness import Witnessing

KEY = b"a key that only tests know"


class Keys:
    """The table of keys, which holds this one."""

    def get_item(self, **_: Any) -> dict[str, Any]:
        """The row."""
        return {"Item": {"key": {"B": KEY}}}


def witnessing(share: int = 1) -> Witnessing:
    """One witness in `share`."""
    return Witnessing(Key(Keys(), "keys", witness.KEY), share)
