"""The catalogue: which titles are listed, and when they are open.

Kept in the worker for a minute.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from shared import clock, dynamo
from votes import stamps
from votes.ballot import Code, Refusal

SECONDS_KEPT = 60
MOST_KEPT = 100_000


class Window(NamedTuple):
    """When a listed title is open, in microseconds since the epoch.

    That is from `opens` until before `closes`; None leaves an end open. Either may be in any year:
    a title that is not announced yet opens at the end of time.
    """

    opens: int | None
    closes: int | None

    def refusal(self, received_at: int) -> Refusal | None:
        """What is wrong with a ballot received then; None if nothing is."""
        if self.opens is not None and received_at < self.opens:
            return Refusal(Code.TITLE_NOT_OPEN, f"the title opens at {stamps.shown(self.opens)}")
        if self.closes is not None and received_at >= self.closes:
            return Refusal(Code.TITLE_CLOSED, f"the title closed at {stamps.shown(self.closes)}")
        return None


class BadRow(Exception):
    """A row of the catalogue that is wrong: its ballots wait until somebody mends it."""


class LookUp(NamedTuple):
    """What a look-up gave: title -> Window, or None for one that is not listed.

    `error` is why others are missing.
    """

    windows: Mapping[str, Window | None]
    error: Exception | None


class Catalogue:
    """The catalogue table. `client` is a DynamoDB client."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table
        self._kept: dict[str, tuple[Window | None, float]] = {}

    def windows(self, title_ids: Iterable[str]) -> LookUp:
        """The windows of titles, as of at most a minute ago.

        What cannot be read now is missing from the answer.
        """
        now = clock.monotonic()
        windows: dict[str, Window | None] = {}
        unknown: list[str] = []
        for title_id in title_ids:
            window, until = self._kept.get(title_id, (None, 0.0))
            if until > now:
                windows[title_id] = window
            else:
                unknown.append(title_id)
        if len(self._kept) + len(unknown) > MOST_KEPT:
            self._kept.clear()  # a flood of made-up titles must not fill the memory
        error: Exception | None = None
        for start in range(0, len(unknown), dynamo.KEYS_A_REQUEST):
            some = unknown[start : start + dynamo.KEYS_A_REQUEST]
            try:
                error = self._read(some, windows, now + SECONDS_KEPT) or error
            except (dynamo.Throttled, ClientError, BotoCoreError) as failure:
                return LookUp(windows, failure)
        return LookUp(windows, error)

    def _read(
        self, title_ids: list[str], windows: dict[str, Window | None], until: float
    ) -> Exception | None:
        keys = [{"title_id": {"S": title_id}} for title_id in title_ids]
        rows = dynamo.batch_get(self._client, self._table, keys, consistent=False)
        items = {row["title_id"]["S"]: row for row in rows}
        error = None
        for title_id in title_ids:
            try:
                windows[title_id] = read_window(items[title_id]) if title_id in items else None
                self._kept[title_id] = (windows[title_id], until)
            except Exception as bad:  # BadRow, or whatever a row may hold: other titles are right
                error = bad
        return error


def read_window(item: Mapping[str, Any]) -> Window:
    """The window in a row of the catalogue. Raises BadRow."""
    return Window(_time(item, "opens"), _time(item, "closes"))


def _time(item: Mapping[str, Any], name: str) -> int | None:
    value = item.get(name)
    if value is None or "NULL" in value:
        return None
    try:
        return int(float(value["N"]) * 1_000_000)
    except (KeyError, ValueError, OverflowError):
        raise BadRow(
            f"the catalogue row of {item['title_id']['S']} has a bad {name}: "
            "it must be a number of seconds since 1970"
        ) from None
