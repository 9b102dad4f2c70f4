"""Breaks calls as the plan says: at every call of a service, before it takes effect and after."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from tests.faults.broken import Broken
from tests.faults.cells import CALLS, CELLS, Cell, label
from tests.faults.deployed import ACCOUNT
from tests.faults.plan import Fault, Plan
from tests.faults.stage import Crash
from tests.iam.actions import UnknownCall, Where
from tests.iam.used import Used, used_by
from tests.support.aws.calls import Call

if TYPE_CHECKING:
    from tests.faults.world import World

SECOND = 1_000_000
READ_TIMEOUT_US, CONNECT_TIMEOUT_US = 4 * SECOND, 1 * SECOND  # the functions' own clients give up then
ATTEMPTS = 3  # of the functions' own clients, in all
PASSING = {
    "dynamodb": ("ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerError", "RequestLimitExceeded"),
    "sqs": ("ThrottlingException", "ServiceUnavailable", "InternalError"),
    "s3": ("SlowDown", "ServiceUnavailable", "InternalError"),
    "lambda": ("TooManyRequestsException", "ServiceException"),
    "logs": ("ThrottlingException", "ServiceUnavailableException"),
}
STATEMENT_CODES = ("ThrottlingError", "ProvisionedThroughputExceeded", "InternalServerError", "TransactionConflict", "AccessDenied")
ENDPOINT = "https://aws.example"
WHERE = Where(ACCOUNT)


class Sdk:
    """A client as a worker has it: repeats what may pass, as botocore's standard mode does, so that a lost answer means a second try."""

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


def _may_pass(error: ClientError | BotoCoreError) -> bool:
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        return any(code in codes for codes in PASSING.values())
    return True


class Faults:
    """The meddler of one history. `fired` counts by cell what broke, `used` the rights that calls need."""

    strict = True  # a call without a row ends the history

    def __init__(self, world: "World", plan: Plan) -> None:
        self._world = world
        self._armed: dict[str, list[tuple[Cell, Fault]]] = {}
        for fault in plan.faults:
            cell = CELLS[fault.cell % len(CELLS)]
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
        name = label(function, call)
        number = self.made[name]
        self.made[name] += 1
        if self.strict and function != "operator" and name not in CALLS:
            self._world.stage.stop(Broken("calls", f"{name!r} has no row in tests/faults/cells.py: add one"))
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
        name = label(actor.context.function, call)
        if self._world.trace is not None:
            self._world.note(f"{name.partition(' ')[2]}{_shown(call, answer)}")
        self._world.lambdas.pass_time()
        for cell in self._due(name, self._number[id(actor)]):
            if cell.phase == "after" and cell.kind != "partial":
                self._break(cell, call)

    def _use(self, function: str, call: Call) -> None:
        """Note the rights that the call needs."""
        try:
            self.used.update(used_by(function, call.service, call.operation, call.params, WHERE))
        except UnknownCall as unknown:
            if self.strict:
                self._world.stage.stop(Broken("calls", str(unknown)))

    def _due(self, name: str, number: int) -> list[Cell]:
        armed = self._armed.get(name)
        if not armed or self._world.calm:
            return []
        return [cell for cell, fault in armed if fault.nth <= number < fault.nth + (1 if cell.kind == "slow" else fault.times)]

    def _break(self, cell: Cell, call: Call) -> None:
        world = self._world
        if cell.kind == "partial" and not call.entries:
            return
        self.fired[cell] += 1
        world.note(f"FAULT {cell.kind} {cell.phase} {cell.call}")
        match cell.kind:
            case "crash":
                raise Crash
            case "timeout":
                world.lambdas.hang()
            case "lost":
                world.stage.pause(CONNECT_TIMEOUT_US if cell.phase == "before" else READ_TIMEOUT_US)
                raise lost(world, cell.phase)
            case "throttle":
                raise throttled(world, call)
            case "partial":
                fail_part(world, call, unheard=cell.phase == "after")
            case "slow":
                world.lambdas.fall_asleep()


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


def _shown(call: Call, answer: dict[str, Any]) -> str:
    """What is worth a look in a trace."""
    params = call.params
    if call.service == "s3":
        return f" {params['Key']}"
    at = params.get("Key") or {name: params["Item"][name] for name in ("shard", "n", "title_id") if name in params.get("Item", {})}
    said = " ".join(f"{name}={next(iter(value.values()))}" for name, value in at.items())
    parts = f" {call.entries} entries" if call.entries else ""
    failed = f" refused {sorted(call.refused)} unheard {sorted(call.unheard)}" if call.refused or call.unheard else ""
    return f" {said}{parts}{failed}"
