"""Pointers of documents on their way to the lanes, each with the tick that wakes a lane."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from receipts.delivery import messages
from receipts.delivery.messages import Delivery, Question, Tick
from receipts.settings import Pointing
from shared import clock, queues
from shared.queues import OutgoingMessage


class Pointers:
    """Sends pointers, and a tick a slot to the lanes; one a worker, which remembers its ticks.

    Where nothing is delivered it sends nothing.
    """

    def __init__(self, sqs: Any, config: Pointing) -> None:
        self._sqs, self._lanes = sqs, config.lanes
        self._queue_url, self._lane_queue_url = config.delivery_queue_url, config.lane_queue_url
        self._slot_us = config.slot_seconds * 1_000_000
        self._ticked: dict[int, int] = {}  # by lane, the slot

    def send(self, asked: Sequence[Delivery | Question]) -> set[int]:
        """Send them, then wake the lanes: the indices of those not sent, which the log tells.

        A tick that is not sent delays what was: the schedule wakes every lane each minute.
        """
        if self._queue_url is None or not asked:
            return set()
        outgoing = [OutgoingMessage(messages.encode(one)) for one in asked]
        unsent = queues.send_all(self._sqs, self._queue_url, outgoing)
        sent = [one for index, one in enumerate(asked) if index not in unsent]
        self._wake({_number(one) % self._lanes for one in sent} if self._lanes else set())
        return unsent

    def _wake(self, lanes: set[int]) -> None:
        slot = clock.now_us() // self._slot_us
        due = sorted(lane for lane in lanes if self._ticked.get(lane) != slot)
        if self._lane_queue_url is None or not due:
            return
        ticks = [messages.tick(Tick(lane=lane), str(slot)) for lane in due]
        unsent = queues.send_all(self._sqs, self._lane_queue_url, ticks)
        self._ticked |= {lane: slot for i, lane in enumerate(due) if i not in unsent}


def _number(one: Delivery | Question) -> int:
    """Any of a lane's may take any pointer; this spreads the waking over the lanes."""
    name = one.file_id if isinstance(one, Delivery) else one.batch_id
    return crc32(name.encode())
