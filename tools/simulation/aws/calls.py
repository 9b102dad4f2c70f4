"""A call of a simulated service, and where somebody may step in: before its effect, and after."""

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(slots=True)
class Call:
    """One call of a service's API by one client.

    `caller` is whoever the client was made for. A meddler fills in the rest: `refused` and
    `unheard` hold, by an entry's index in a batch (message, key, statement), the code with which it
    is answered as failed: refused ones take no effect, unheard ones do. `most_items` ends a page of
    a query or scan early, as 1 MB of items would.
    """

    service: str  # "sqs", "dynamodb", "s3"
    operation: str  # the API's name: "SendMessageBatch"
    params: dict[str, Any]
    caller: Any = None
    refused: dict[int, str] = field(default_factory=dict)
    unheard: dict[int, str] = field(default_factory=dict)
    most_items: int | None = None

    @property
    def entries(self) -> int:
        """How many entries a batch call has (messages, keys, statements); 0 for a call that is no
        batch.
        """
        match self.operation:
            case "BatchGetItem":
                return sum(len(asked["Keys"]) for asked in self.params["RequestItems"].values())
            case "BatchWriteItem":
                return sum(len(requests) for requests in self.params["RequestItems"].values())
            case "BatchExecuteStatement":
                return len(self.params["Statements"])
            case "SendMessageBatch" | "ChangeMessageVisibilityBatch" | "DeleteMessageBatch":
                return len(self.params["Entries"])
        return 0


class Meddler(Protocol):
    """Steps in at every call.

    Whatever it raises reaches the caller; it may also let others go first, but never between the
    two.
    """

    def before(self, call: Call) -> None: ...

    def after(self, call: Call, answer: dict[str, Any]) -> None: ...


class Nobody:
    """Lets every call pass."""

    def before(self, call: Call) -> None:
        """Nothing."""

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Nothing."""
