"""Uploading by an address that the API has signed, as a client does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import urllib3

from tools.common.errors import CommandError

SECONDS = 60.0  # of one upload


def put(upload: Mapping[str, Any], content: bytes) -> int:
    """Upload by a signed address, with the headers that it binds: the status.

    Raises CommandError when the bucket cannot be reached.
    """
    with urllib3.PoolManager(retries=False, timeout=SECONDS) as pool:
        try:
            return int(pool.request("PUT", upload["url"], body=content, headers=upload["headers"]).status)
        except urllib3.exceptions.HTTPError as error:
            why = f"{type(error).__name__}: {error}"
            raise CommandError(f"the bucket of uploads cannot be reached: {why}") from error
