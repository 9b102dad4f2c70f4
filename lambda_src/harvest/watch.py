"""What a worker knows of its account while it calls: whether anybody has asked it to stop.

The account's row is read again beside the calls, and nobody calls by what is older than 250 ms.
"""

import threading
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from harvest import accounts, token
from harvest.accounts import Account, Accounts
from harvest.token import State
from shared import clock, logs

LOOK_MS = 150  # between two readings; one takes some 10 ms, 100 where it is slow
OLDEST_MS = 250  # of what a call is made by
LATER_MS = 250  # a refusal that lasts so much longer than what was told is told too


class Watch:
    """The account of one parcel, for the time of its calls. `stops`: what its message says."""

    def __init__(self, client: Any, table: str, account: str, stops: int, clock_ms: int) -> None:
        self._client, self._table, self._accounts = client, table, Accounts(client, table)
        self._stops, self._clock_ms = stops, clock_ms
        self._seen_ms, self._stopped = 0, False
        self._told_ms, self._untold_ms = 0, 0
        self._telling = threading.Lock()
        self.account, self.token = Account(account), State()

    def look(self) -> None:
        """Read the account's row. Raises the client's errors."""
        begun, name = now_ms(), self.account.account
        asked = {"TableName": self._table, "Key": {"account": {"S": name}}}
        item = self._client.get_item(**asked, ConsistentRead=True).get("Item")
        if item:
            self.account, self.token = accounts.read(item), token.state_of(item)
        self._stopped = self._stopped or self.account.stops != self._stops
        self._seen_ms = begun

    def look_again(self) -> None:
        """The same beside the calls; where it fails, they are not made, which is a line."""
        try:
            self.look()
        except (ClientError, BotoCoreError) as error:
            cause = {"place": "watch", "kind": logs.kind_of(error), **logs.cause_of(error)}
            logs.logger().warning("account not read", extra=cause)

    def next_look_ms(self) -> int:
        """When it is to be read again."""
        return self._seen_ms + LOOK_MS

    def may_call(self, at_ms: int) -> bool:
        """Whether a call may be made now."""
        return not self._stopped and at_ms - self._seen_ms <= OLDEST_MS

    @property
    def is_stopped(self) -> bool:
        """Whether nothing of this parcel may be called any more."""
        return self._stopped

    def stop(self) -> None:
        """Call nothing more of this parcel."""
        self._stopped = True

    def refused(self, wait_seconds: float) -> None:
        """The vendor has refused a call: nobody may call for so long, here or elsewhere."""
        self._stopped = True
        until = now_ms() + int(1000 * wait_seconds) + 2 * self._clock_ms
        with self._telling:  # not for the time of the write: others need not wait for it
            if until <= self._told_ms + LATER_MS:
                return
            before, self._told_ms = self._told_ms, until
        try:
            self._accounts.refuse(self.account.account, until)
        except (ClientError, BotoCoreError) as error:
            self._untold_ms, self._told_ms = max(until, self._untold_ms), before
            cause = {"place": "refuse", "kind": logs.kind_of(error), **logs.cause_of(error)}
            logs.logger().warning("refusal not told", extra=cause)

    def tell(self) -> None:
        """Tell of a refusal what could not be told before. Raises the client's errors."""
        if self._untold_ms > self._told_ms:
            self._accounts.refuse(self.account.account, self._untold_ms)
            self._told_ms, self._untold_ms = self._untold_ms, 0


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return clock.now_us() // 1000
