"""Waking the pacer: a message on the turn queue, which keeps one where several send the same."""

from typing import Any

from harvest import messages
from harvest.accounts import Account
from harvest.messages import TurnMessage
from shared import queues


class Turns:
    """Sends turns. A message that is not taken is logged; whoever misses the pacer sends another.

    `silent_ms`: after so long without a beat a pacer is missed.
    """

    def __init__(self, sqs: Any, queue_url: str, silent_ms: int) -> None:
        self._sqs, self._queue_url, self._silent_ms = sqs, queue_url, silent_ms

    def hand_over(self, account: str, turn: int) -> None:
        """Ask for the turn after this one, which has ended in peace."""
        self._send(account, turn + 1, f"{account}-{turn + 1}")

    def wake(self, seen: Account, now_ms: int) -> None:
        """Ask for a turn, once in a while: the message before may have died with its pacer."""
        once = f"{seen.account}-{seen.turn + 1}-{now_ms // self._silent_ms}"
        self._send(seen.account, seen.turn + 1, once)

    def wake_unless_paced(self, seen: Account, now_ms: int) -> None:
        """Wake the pacer unless one is at work: somebody wishes for something now."""
        if seen.runs and not seen.is_paced(now_ms, self._silent_ms):
            self.wake(seen, now_ms)

    def wake_if_missed(self, seen: Account, now_ms: int) -> bool:
        """Wake the pacer where it is missed; whether it was."""
        is_missed = seen.misses_pacer(now_ms, self._silent_ms)
        if is_missed:
            self.wake(seen, now_ms)
        return is_missed

    def _send(self, account: str, turn: int, once: str) -> None:
        outgoing = messages.encode_turn(TurnMessage(account, turn), once)
        queues.send_all(self._sqs, self._queue_url, [outgoing])
