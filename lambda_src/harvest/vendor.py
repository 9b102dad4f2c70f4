"""What the harvest asks of a vendor: a few methods, in one file a vendor (`vendors`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from harvest.limits import Declaration
from harvest.parcels import Task
from harvest.retry_after import Form

DAY_SECONDS = 86_400.0

Kind = Literal["ok", "gone", "again", "throttled", "unauthorised", "failed"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `target` is the path and query below the vendor's address."""

    target: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, header names in lower case.

    Status 0: there is none, for `cause` ("timeout", "connection"), or it was not taken in
    ("too-large").
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer is to its task.

    `again`: it failed, and may be tried again within the attempts. `throttled`: nobody may call for
    `wait_seconds`; that is a delay, not an attempt. `failed`: it can never succeed. `cause` is a
    word or two for counts ("http-503"), `body` what an answer that is ok holds, parsed.
    """

    kind: Kind
    cause: str = ""
    wait_seconds: float = 0.0
    body: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Throttle:
    """How a throttle looks (the statuses that are one), and how its wait is read.

    `header` and `form` are looked at first, see `retry_after`. `with_wait`: statuses that are a
    throttle only where they say how long to wait.
    """

    statuses: frozenset[int] = frozenset({429})
    with_wait: frozenset[int] = frozenset({503})
    header: str | None = None
    form: Form = "auto"
    cap_seconds: float = DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Listed:
    """What a listing's answer lists: the tasks that follow, and the next page's, if there is one.

    `is_anew`: what follows was perhaps listed before, since the list has moved: only what no parcel
    of the run has yet may become a task.
    """

    tasks: Sequence[Task]
    more: Task | None = None
    is_anew: bool = False


class Refused(Exception):
    """A listing that cannot be followed; the text is a word or two for counts."""


class GrantUnclear(Exception):
    """Nobody can tell from the answer whether a token was given: try again later."""


class Grant(NamedTuple):
    """A token that was given, for how many seconds, and what refreshes it ("" if nothing does)."""

    access_token: str
    seconds: float
    refresh_token: str = ""


class Calls(Protocol):
    """What calls a vendor."""

    def call(self, request: Request) -> Answer:
        """Send a request once; whatever goes wrong is an answer with status 0."""


class Vendor(Protocol):
    """One vendor's API. Its methods have no state, so that any number of threads may call them."""

    @property
    def levels(self) -> Sequence[str]:
        """The words for its levels, from the listing of all groups down to the data."""

    @property
    def limits(self) -> Declaration:
        """What it permits where nobody says otherwise."""

    @property
    def throttle(self) -> Throttle:
        """How a throttle looks."""

    def roots(self) -> Sequence[Task]:
        """The tasks from which all others follow."""

    def group(self, name: str) -> Task:
        """The task that lists a group from the start, whoever named the group."""

    def request(self, task: Task, since_ms: int | None) -> Request:
        """The request of a task; `since_ms`: only what is newer is wanted, None: everything."""

    def judge(
        self, task: Task, answer: Answer, now_seconds: float, window_seconds: float
    ) -> Verdict:
        """What an answer is; an error within a 200 is found here.

        A throttle that does not say for how long is one for the declared window.
        """

    def listed(self, task: Task, body: Any) -> Listed | None:
        """What follows from an answer that is ok; None where nothing ever does.

        Raises Refused.
        """

    def authorised(self, request: Request, access_token: str) -> Request:
        """The request with a token."""

    def grant_request(self, secret: Mapping[str, str], refresh_token: str) -> Request:
        """The request for a token: by a refresh token, or by the client's own secret if "".

        Raises KeyError where the secret lacks what that takes.
        """

    def grant(self, answer: Answer) -> Grant | None:
        """The token in an answer; None where it was refused for good. Raises GrantUnclear."""
