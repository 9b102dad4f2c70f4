"""Stand-ins for services that refuse, throttle or fail where a test says so."""

from collections.abc import Callable, Collection
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError

from tests.lambda_src.stack import Json


def refusal(operation: str, code: str = "ThrottlingException") -> ClientError:
    """An error answer of a service."""
    return ClientError({"Error": {"Code": code, "Message": "not now"}}, operation)


def unreachable() -> ConnectTimeoutError:
    """A service that does not answer."""
    return ConnectTimeoutError(endpoint_url="https://nowhere.example")


class Sqs:
    """A queue that keeps what it takes.

    `refuse` gets (number of the request, entry) and may name the code of a refusal, or raise.
    """

    def __init__(
        self, refuse: Callable[[int, Json], str | None] = lambda number, entry: None, *, sender_fault: bool = False
    ) -> None:
        self._refuse, self._sender_fault = refuse, sender_fault
        self.requests: list[list[Json]] = []
        self.taken: list[Json] = []
        self.pauses: dict[str, int] = {}
        self.visibility_requests = 0
        self.visibility: Callable[[Json], Json] = lambda entry: {}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Json]) -> Json:
        """Take entries, or refuse them."""
        number = len(self.requests)
        self.requests.append(Entries)
        assert 1 <= len(Entries) <= 10
        assert len({entry["Id"] for entry in Entries}) == len(Entries)
        assert sum(len(entry["MessageBody"].encode()) for entry in Entries) <= 1_048_576
        codes = {entry["Id"]: self._refuse(number, entry) for entry in Entries}
        self.taken += [entry for entry in Entries if codes[entry["Id"]] is None]
        failed = [{"Id": key, "Code": code, "SenderFault": self._sender_fault} for key, code in codes.items() if code]
        return {"Successful": [{"Id": key} for key, code in codes.items() if code is None]} | (
            {"Failed": failed} if failed else {}
        )

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[Json]) -> Json:
        """Note the pauses."""
        self.visibility_requests += 1
        assert 1 <= len(Entries) <= 10
        self.pauses |= {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in Entries}
        return self.visibility(Entries[0])


class S3:
    """A bucket that refuses the puts with these numbers."""

    def __init__(self, failing: Collection[int], error: Exception | None = None) -> None:
        self._failing, self._error = failing, error or refusal("PutObject", "SlowDown")
        self.puts: list[Json] = []

    def put_object(self, **request: Any) -> None:
        """Take an object, or refuse it."""
        self.puts.append(request)
        if len(self.puts) - 1 in self._failing:
            raise self._error


class DynamoDB:
    """A table with answers made beforehand, one a request: a response, or an error to raise."""

    def __init__(self, *answers: Json | Exception) -> None:
        self._answers = list(answers)
        self.requests: list[Json] = []

    def batch_get_item(self, **request: Any) -> Json:
        """The next answer."""
        self.requests.append(request)
        answer = self._answers.pop(0) if self._answers else {"Responses": {}}
        if isinstance(answer, Exception):
            raise answer
        return answer

    get_item = batch_get_item
