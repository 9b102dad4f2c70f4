"""The simulated services alone, for tests of what only they can do; requests and answers are held
to AWS's shapes.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.simulation.aws.backends import START_US, Shapes
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.aws.queues import Queue

Json = dict[str, Any]


class Simulation(Shapes):
    """A clock, a cloud, and what is to be done to its next calls."""

    def __init__(self) -> None:
        self.now = START_US
        self.cloud = Cloud(lambda: self.now, Random(3), self)
        self.sqs, self.dynamodb, self.s3 = (self.cloud.client(name, "me") for name in ("sqs", "dynamodb", "s3"))
        self.meddle: Callable[[Call], None] = lambda call: None
        self.calls: list[Call] = []

    def before(self, call: Call) -> None:
        super().before(call)
        self.calls.append(call)
        self.meddle(call)

    def queue(self, name: str = "q", **attributes: str) -> tuple[str, Queue]:
        made = self.cloud.sqs.create_queue(name, attributes)
        return self.cloud.sqs.url(name), made

    def send(self, url: str, *bodies: str) -> Json:
        entries = [{"Id": str(n), "MessageBody": b} for n, b in enumerate(bodies)]
        answer: Json = self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        return answer


def spoil(refused: dict[int, str] | None = None, unheard: dict[int, str] | None = None) -> Callable[[Call], None]:
    """A meddler's `before`: these entries are refused, those unheard."""

    def meddle(call: Call) -> None:
        call.refused, call.unheard = refused or {}, unheard or {}

    return meddle
