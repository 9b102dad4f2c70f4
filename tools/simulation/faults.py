"""Breaks calls as the plan says: at every call of a service, before it takes effect and after."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from tools.simulation.aws.actions import UnknownCall, Where
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import PAGES, Paginator
from tools.simulation.aws.models import names
from tools.simulation.aws.used import Used, used_by
from tools.simulation.broken import Broken
from tools.simulation.cells import Cell
from tools.simulation.plan import Fault, Plan

if TYPE_CHECKING:
    from tools.simulation.world import World

SECOND = 1_000_000
# the functions' own clients give up then
READ_TIMEOUT_US, CONNECT_TIMEOUT_US = 4 * SECOND, 1 * SECOND
READ_TIMEOUTS_US = {"textract": 30 * SECOND}  # of services that take longer
ATTEMPTS = 3  # of the functions' own clients, in all
PASSING = {
    "dynamodb": (
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "InternalServerError",
        "RequestLimitExceeded",
    ),
    "sqs": ("ThrottlingException", "ServiceUnavailable", "InternalError"),
    "s3": ("SlowDown", "ServiceUnavailable", "InternalError"),
    "lambda": ("TooManyRequestsException", "ServiceException"),
    "secretsmanager": ("ThrottlingException", "InternalServiceError"),
    "logs": ("ThrottlingException", "ServiceUnavailableException"),
    "database": ("53300", "57P03"),  # no more connections, starting up
    "textract": ("ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"),
}
# of one statement of a batch, whatever becomes of the others; two of AWS's codes say that a row is
# there, which only the rows may
STATEMENT_CODES = tuple(
    code
    for code in names("dynamodb", "BatchStatementErrorCodeEnum")
    if code not in {"DuplicateItem", "ConditionalCheckFailed"}
)
ENDPOINT = "https://aws.example"


class Sdk:
    """A client as a worker has it: repeats what may pass, as botocore's standard mode does, so that
    a lost answer means a second try.
    """

    def __init__(self, client: Any, world: "World") -> None:
        self._client, self._world = client, world

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def tried(**params: Any) -> Any:
            for attempt in range(1, ATTEMPTS):
                try:
                    return call(**params)
                except (ClientError, BotoCoreError) as error:
                    if not _may_pass(error):
                        raise
                self._world.stage.pause(int(self._world.rng.random() * 2 ** (attempt - 1) * SECOND))
            return call(**params)

        self.__dict__[name] = tried
        return tried

    def generate_presigned_url(self, method: str, **asked: Any) -> str:
        """An address for one request, whose rights are those of who signs it."""
        self._world.faults.signed(method, asked["Params"])
        address: str = self._client.generate_presigned_url(method, **asked)
        return address

    def get_paginator(self, name: str) -> Paginator:
        """Pages, each asked for as any call is."""
        return Paginator(getattr(self, name), *PAGES[name])


def _may_pass(error: ClientError | BotoCoreError) -> bool:
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        return any(code in codes for codes in PASSING.values())
    return True


class Faults:
    """The meddler of one history.

    `fired` counts by cell what broke, `used` the rights that calls need.
    """

    strict = True  # a call without a row ends the history

    def __init__(self, world: "World", plan: Plan) -> None:
        self._world = world
        self._where = Where(world.deployed.account)
        self._armed: dict[str, list[tuple[Cell, Fault]]] = {}
        cells = world.matrix.cells
        for fault in plan.faults:
            cell = cells[fault.cell % len(cells)]
            self._armed.setdefault(cell.call, []).append((cell, fault))
        self.made: Counter[str] = Counter()  # calls by row
        self.fired: Counter[Cell] = Counter()
        self.used: set[Used] = set()
        self._number: dict[int, int] = {}  # of the call that an actor is in

    def before(self, call: Call) -> None:
        """The call is on its way."""
        actor = self._world.stage.current
        if actor is None:
            return
        function = actor.context.function
        name = self._world.matrix.label(function, call)
        number = self.made[name]
        self.made[name] += 1
        if self.strict and function != "operator" and name not in self._world.matrix.calls:
            self._world.stage.stop(Broken("calls", f"{name!r} has no row in {self._world.matrix.file}: add one"))
        self._number[id(actor)] = number
        self._use(function, call)
        self._world.lambdas.pass_time()
        self._world.events.meddle(call)
        for cell in self._due(name, number):
            if cell.phase == "before" or cell.kind == "partial":
                self._break(cell, call)

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """The call took effect; its answer is on its way."""
        self._world.checker.effect(call, answer)
        actor = self._world.stage.current
        if actor is None:
            return
        name = self._world.matrix.label(actor.context.function, call)
        if self._world.trace is not None:
            self._world.note(f"{name.partition(' ')[2]}{self._shown(call)}")
        self._world.lambdas.pass_time()
        for cell in self._due(name, self._number[id(actor)]):
            if cell.phase == "after" and cell.kind != "partial":
                self._break(cell, call)

    def signed(self, method: str, params: dict[str, Any]) -> None:
        """Somebody signs an address for a request ("put_object")."""
        if (actor := self._world.stage.current) is not None:
            self._use(actor.context.function, Call("s3", method.title().replace("_", ""), params))

    def _use(self, function: str, call: Call) -> None:
        """Note the rights that the call needs."""
        if call.service in self._world.deployed.elsewhere:
            return
        try:
            self.used.update(used_by(function, call.service, call.operation, call.params, self._where))
        except UnknownCall as unknown:
            if self.strict:
                self._world.stage.stop(Broken("calls", str(unknown)))

    def _due(self, name: str, number: int) -> list[Cell]:
        armed = self._armed.get(name)
        if not armed or self._world.calm:
            return []
        return [
            cell
            for cell, fault in armed
            if fault.nth <= number < fault.nth + (1 if cell.kind == "slow" else fault.times)
        ]

    def _break(self, cell: Cell, call: Call) -> None:
        world = self._world
        if cell.kind == "partial" and not call.entries:
            return
        self.fired[cell] += 1
        if world.stage.current is not None:
            world.stage.current.context.is_hurt = True
        world.note(f"FAULT {cell.kind} {cell.phase} {cell.call}")
        match cell.kind:
            case "crash":
                world.stage.crash()
            case "timeout":
                world.lambdas.hang()
            case "lost":
                answers_within = READ_TIMEOUTS_US.get(call.service, READ_TIMEOUT_US)
                world.stage.pause(CONNECT_TIMEOUT_US if cell.phase == "before" else answers_within)
                raise lost(world, cell.phase)
            case "throttle":
                raise throttled(world, call)
            case "partial":
                fail_part(world, call, unheard=cell.phase == "after")
            case "slow":
                world.lambdas.fall_asleep()

    def _shown(self, call: Call) -> str:
        """What of a request belongs in a trace: the key it is about, and what failed of a batch."""
        params = call.params
        if call.service == "s3":
            return f" {params.get('Key') or params.get('Prefix')}"
        key = params.get("Key") or {}
        if item := params.get("Item"):
            key = self._world.cloud.dynamodb.tables[params["TableName"]].place_of(item)
        said = " ".join(f"{name}={next(iter(value.values()))}" for name, value in key.items())
        parts = f" {call.entries} entries" if call.entries else ""
        if call.refused or call.unheard:
            parts += f" refused {sorted(call.refused)} unheard {sorted(call.unheard)}"
        return f" {said}{parts}"


class AnyCall(Faults):
    """Lets calls pass that have no row: a broken handler must be caught by what it breaks."""

    strict = False


def lost(world: "World", phase: str) -> BotoCoreError:
    """No answer: the request never arrived, or its answer did not."""
    if phase == "before":
        kind: type[BotoCoreError] = world.rng.choice((ConnectTimeoutError, EndpointConnectionError))
        return kind(endpoint_url=ENDPOINT, error="injected")
    return ReadTimeoutError(endpoint_url=ENDPOINT, error="injected")


def throttled(world: "World", call: Call) -> ClientError:
    """The service's own way of saying: not now."""
    code = world.rng.choice(PASSING[call.service])
    return ClientError({"Error": {"Code": code, "Message": "injected"}}, call.operation)


def fail_part(world: "World", call: Call, *, unheard: bool) -> None:
    """Some of the batch's entries fail: without effect, or (unheard) although they take effect."""
    some = [place for place in range(call.entries) if world.rng.random() < 0.6] or [world.rng.randrange(call.entries)]
    codes = STATEMENT_CODES if call.operation == "BatchExecuteStatement" else PASSING[call.service]
    (call.unheard if unheard else call.refused).update({place: world.rng.choice(codes) for place in some})
