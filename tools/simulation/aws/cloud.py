"""The simulated services, and clients of them that look like boto3's."""

import random
import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from botocore import xform_name

from tools.simulation.aws.calls import Call, Meddler, Nobody
from tools.simulation.aws.dynamodb import DynamoDB
from tools.simulation.aws.errors import Refused
from tools.simulation.aws.presigned import Addresses
from tools.simulation.aws.s3 import S3
from tools.simulation.aws.secrets import Secrets
from tools.simulation.aws.sqs import Sqs

Answer = dict[str, Any]
# see every call of every cloud; what they do is nobody's affair
WATCHERS: list[Callable[[Call], None]] = []
PAGES = {  # what asks for the next page, and what tells where it begins
    "scan": ("ExclusiveStartKey", "LastEvaluatedKey"),
    "query": ("ExclusiveStartKey", "LastEvaluatedKey"),
    "list_objects_v2": ("ContinuationToken", "NextContinuationToken"),
    "filter_log_events": ("nextToken", "nextToken"),
}


class Service(Protocol):
    """A simulated service: its operations by the API's names; each takes effect at once and returns
    the answer.
    """

    name: str
    operations: dict[str, Callable[[Call], Answer]]


class Cloud:
    """SQS, DynamoDB, S3 and Secrets Manager of one account.

    `now_us` is the services' clock, in µs since the epoch; chance comes from `rng` alone.

    Every call of a client goes to `meddler.before`, takes effect, and goes to `meddler.after`.
    """

    def __init__(self, now_us: Callable[[], int], rng: random.Random, meddler: Meddler | None = None) -> None:
        self.meddler: Meddler = meddler or Nobody()
        self.sqs, self.dynamodb, self.s3 = Sqs(now_us, rng), DynamoDB(now_us, rng), S3(now_us)
        self.addresses = Addresses(self.s3, now_us)
        self.secrets = Secrets()
        held: tuple[Service, ...] = (self.sqs, self.dynamodb, self.s3, self.secrets)
        self.services: dict[str, Service] = {service.name: service for service in held}
        self.effects = (
            threading.RLock()
        )  # the code under test may call from a thread pool; an effect is whole, but may bring about others

    def client(self, service: str, caller: Any = None) -> Any:
        """A client of one of `services`, by its name; `caller` is told to the meddler with each of
        its calls.
        """
        return Client(self, self.services[service], caller)


class Client:
    """Has a method for each operation that is simulated, and raises AttributeError for others."""

    def __init__(self, cloud: Cloud, service: Service, caller: Any) -> None:
        self._cloud, self._service, self._caller = cloud, service, caller
        self._names = {xform_name(name): name for name in service.operations}

    def __getattr__(self, name: str) -> Callable[..., Answer]:
        if name.startswith("_") or name not in self._names:
            raise AttributeError(
                f"the simulated {self.__dict__.get('_service', self).__class__.__name__} has no operation {name}"
            )
        operation = self._names[name]
        effect = self._service.operations[operation]

        def call(**params: Any) -> Answer:
            made = Call(self._service.name, operation, params, self._caller)
            for watch in WATCHERS:
                watch(made)
            self._cloud.meddler.before(made)
            try:
                with self._cloud.effects:
                    answer = effect(made)
            except Refused as no:
                raise no.answer(operation) from None
            self._cloud.meddler.after(made, answer)
            return answer

        self.__dict__[name] = call
        return call

    def get_paginator(self, name: str) -> "Paginator":
        """Pages of scan, query, list_objects_v2 or filter_log_events."""
        return Paginator(getattr(self, name), *PAGES[name])

    def generate_presigned_url(self, ClientMethod: str, Params: Answer, ExpiresIn: int) -> str:  # noqa: N803 - boto3's names
        """An address for one request, good for so many seconds: no call of a service."""
        return self._cloud.addresses.sign(self._names[xform_name(ClientMethod)], Params, ExpiresIn)

    def close(self) -> None:
        """Nothing is held open."""


class Paginator:
    """Asks page by page, as it is read."""

    def __init__(self, call: Callable[..., Answer], start: str, end: str) -> None:
        self._call, self._start, self._end = call, start, end

    def paginate(self, **params: Any) -> Iterator[Answer]:
        """Every page."""
        while True:
            answer = self._call(**params)
            yield answer
            if self._end not in answer:
                return
            params = params | {self._start: answer[self._end]}
