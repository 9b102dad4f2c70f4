"""The database on the premises as a history has it: what stands in it, who is connected, what is
wrong with it; and a connection to it, which is the port's.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from receipts.delivery.port import Away, Denied, Key, Refused, Row
from tools.simulation.aws.calls import Call

if TYPE_CHECKING:
    from tools.simulation.receipts.world import World

Answer = dict[str, Any]
MS, SECOND = 1_000, 1_000_000
SERVICE = "database"
CONNECT_US, STATEMENT_US = 5 * SECOND, 10 * SECOND  # a client waits so long
SLOTS = 7  # of ten connections three are kept for the database's own people
LINGERS_US = 50 * SECOND  # at most, until the server notes that a client is gone
PING_US, FIXED_US, ROW_US = 1 * MS, 4 * MS, 150
UNWANTED, STRICT_OF = "Harbour Lane Books", "USD"  # what it refuses: a merchant, and a currency


class Session:
    """A connection as the server has it; `context` is the invocation whose process has it."""

    def __init__(self, lane: str, context: Any) -> None:
        self.lane, self.context = lane, context
        self.is_open = True


class Server:
    """The database.

    `troubles` counts what is wrong with it now ("away", "never", "half", "full", "wrong
    certificate", "wrong name"); `slow_us` is added to each statement; one that `is_strict` refuses
    more rows.
    """

    def __init__(self, world: "World") -> None:
        self._world, self.password = world, "as it was first"
        self.rows: dict[Key, Row] = {}
        self.sessions: list[Session] = []
        self.troubles: Counter[str] = Counter()
        self.slow_us = 0
        self.is_strict = False
        self.peak = self.transactions = 0

    def is_away(self) -> bool:
        """Whether nobody gets to it now."""
        return bool(+self.troubles)

    def stop(self) -> None:
        """It is gone from one moment to the next, and with it every connection."""
        for session in list(self.sessions):
            self.end(session)

    def left(self, context: Any) -> None:
        """A process is gone: the server notes it a while later."""
        for session in [one for one in self.sessions if one.context is context]:
            later = self._world.stage.now + int(self._world.rng.random() * LINGERS_US)
            self._world.stage.at(later, lambda session=session: self.end(session))  # type: ignore[misc]

    def end(self, session: Session) -> None:
        """A connection ends."""
        session.is_open = False
        if session in self.sessions:
            self.sessions.remove(session)

    def connect(self, lane: str, password: str, context: Any) -> Session:
        """A new connection. Raises Away or Denied."""
        troubles = +self.troubles
        if "never" in troubles:
            self._wait(CONNECT_US)
            raise Away("timeout")
        if "away" in troubles:
            self._wait(self._world.rng.choice((1 * MS, CONNECT_US)))
            raise Away("unreachable")
        self._wait(5 * MS)
        if "half" in troubles:
            raise Away("lost")
        if "wrong certificate" in troubles or "wrong name" in troubles:
            raise Away("certificate")
        if password != self.password:
            raise Denied
        if "full" in troubles or len(self.sessions) >= SLOTS:
            raise Away("full", "53300")
        session = Session(lane, context)
        self.sessions.append(session)
        self.peak = max(self.peak, len(self.sessions))
        return session

    def run(self, session: Session, us: int, effect: Callable[[], Answer]) -> Answer:
        """A statement that takes so long. Raises Away, and then it may stand or not."""
        troubles = +self.troubles
        if not session.is_open:
            raise Away("lost")
        if "never" in troubles or us + self.slow_us > STATEMENT_US:
            self._wait(STATEMENT_US)
            self._lose(session, "timeout", effect)
        self._wait(us + self.slow_us)
        if not session.is_open:
            raise Away("lost")
        if "half" in troubles:
            self._lose(session, "lost", effect)
        return effect()

    def insert(self, rows: Sequence[Row]) -> Answer:
        """One transaction: all that is not there yet. Raises Refused, and then nothing is."""
        self.transactions += 1
        new = {row.key: row for row in rows if row.key not in self.rows}
        for row in new.values():
            if said := self._refuses(row):
                self._world.checker.standing.refused[row.key] = said
                raise Refused(*said)
        self.rows.update(new)
        return {"new": list(new)}

    def count(self, customer_id: str, file_ids: Sequence[str]) -> Answer:
        """How many rows stand of these files."""
        wanted = set(file_ids)
        found = Counter(key.file_id for key in self.rows if key.customer_id == customer_id and key.file_id in wanted)
        return {"rows": dict(found)}

    def _refuses(self, row: Row) -> tuple[str, str | None] | None:
        """How it refuses a row: some are never right, some not for as long as it is strict."""
        if row.merchant == UNWANTED:
            return "23514", "receipts_merchant_check"
        return ("P0001", None) if self.is_strict and row.currency == STRICT_OF else None

    def _lose(self, session: Session, reason: str, effect: Callable[[], Answer]) -> NoReturn:
        """Nobody hears what came of a statement."""
        if self._world.rng.random() < 0.5:
            effect()
        self.end(session)
        raise Away(reason)

    def _wait(self, us: int) -> None:
        self._world.stage.pause(us)


class Connection:
    """The port, to the simulated server: every call may be meddled with as any service's may.

    `port` is the module of the release that asks, whose errors it raises.
    """

    def __init__(self, world: "World", port: Any, lane: str, password: str) -> None:
        self._world, self._server, self._port, self._lane = world, world.server, port, lane
        self._session: Session | None = None
        world.checker.lanes.tries(lane, self._context(), password)
        self._call("Connect", {}, lambda: self._connected(password))

    def ping(self) -> None:
        """Ask whether it answers."""
        self._run("Ping", PING_US, {}, dict)

    def deliver(self, rows: Sequence[Row]) -> Collection[Key]:
        """Insert what is not there yet, all in one transaction: the keys that were new."""
        us, lanes = FIXED_US + ROW_US * len(rows), self._world.checker.lanes
        assert self._session is not None
        lanes.transacts(self._session)
        began = self._world.stage.now
        said = self._run("Deliver", us, {"rows": list(rows)}, lambda: self._server.insert(rows))
        new: Collection[Key] = said["new"]
        lanes.transacted(self._session, self._world.stage.now - began, is_new=bool(new))
        return new

    def count(self, customer_id: str, file_ids: Sequence[str]) -> Mapping[str, int]:
        """How many rows stand of each of these files."""
        said = self._run("Count", FIXED_US, {}, lambda: self._server.count(customer_id, file_ids))
        counted: Mapping[str, int] = said["rows"]
        return counted

    def close(self) -> None:
        """End the connection; who is killed says no goodbye."""
        actor = self._world.stage.current
        if self._session is not None and not (actor is not None and actor.is_killed):
            self._server.end(self._session)

    def _connected(self, password: str) -> Answer:
        self._session = self._server.connect(self._lane, password, self._context())
        self._world.checker.lanes.connected(self._session)
        return {}

    def _run(self, operation: str, us: int, params: Answer, effect: Callable[[], Answer]) -> Answer:
        session = self._session
        assert session is not None
        return self._call(operation, params, lambda: self._server.run(session, us, effect))

    def _call(self, operation: str, params: Answer, effect: Callable[[], Answer]) -> Answer:
        call = Call(SERVICE, operation, params)
        try:
            self._world.faults.before(call)
            self._must_live()
            answer = effect()
            self._world.faults.after(call, answer)
        except Refused as error:
            raise self._port.Refused(error.sqlstate, error.constraint) from None
        except Denied:
            self._failed(denied=True)
            raise self._port.Denied from None
        except (ClientError, BotoCoreError, Away) as error:
            self._failed(denied=False)
            raise self._port.Away(*_reason(error)) from None
        return answer

    def _failed(self, *, denied: bool) -> None:
        self.close()
        self._world.checker.lanes.fails(self._lane, self._context(), denied=denied)

    def _must_live(self) -> None:
        """Whoever Lambda has given up is gone: nothing of it gets to a database any more."""
        if getattr(self._context(), "given_up", False):
            self._world.stage.crash()

    def _context(self) -> Any:
        actor = self._world.stage.current
        return actor.context if actor is not None else None


def _reason(error: ClientError | BotoCoreError | Away) -> tuple[str, str | None]:
    if isinstance(error, Away):
        return error.reason, error.sqlstate
    if isinstance(error, ClientError):
        return "not-now", error.response["Error"]["Code"]
    return "lost", None
