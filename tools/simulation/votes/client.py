"""Who votes: clients over HTTP, who repeat what was not answered; and people who put messages on
queues by hand.
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tools.simulation.aws.messages import Message
from tools.simulation.broken import Broken
from tools.simulation.votes import deployed
from tools.simulation.votes.checker import contents
from tools.simulation.votes.counted import shard_of
from tools.simulation.votes.plan import BAD, WAYS, Cast, Request
from votes.ballot import Ballot

if TYPE_CHECKING:
    from tools.simulation.votes.world import World

Row = dict[str, Any]

MS, SECOND = 1_000, 1_000_000
LOOKS = (7, 11, 30, 41)  # seconds after a request somebody looks at results
ASPECTS = ("story", "acting", "music")
CLOSING, CLOSES = "closing", deployed.START_US + 20 * SECOND
# 9999-12-31T23:59:59-05:00, as people in New York say "never": in UTC a time that no calendar has
SOON, FOREVER, NEVER = "soon", "forever", 253_402_318_799 * SECOND
TITLE_OF = {"closed title": CLOSING, "not announced": SOON, "for ever": FOREVER}
CATALOGUE: dict[str, Row] = {
    "t0": {},
    CLOSING: {"closes": {"N": str(CLOSES // SECOND)}},
    SOON: {"opens": {"N": str(NEVER // SECOND)}},
    FOREVER: {"closes": {"N": str(NEVER // SECOND)}},
}
ATTEMPTS = 3
MONTH = 30 * 86_400 * SECOND


def votes_of(number: int) -> dict[str, int | None]:
    """Aspect by aspect, from a number's digits to base 5: left out, a score, or withdrawn."""
    digits = [number // 5**place % 5 for place in range(3)]
    return {aspect: None if digit == 4 else digit for aspect, digit in zip(ASPECTS, digits, strict=True) if digit} or {
        "story": 5
    }


def verdict(row: Any, message: Message) -> tuple[str, Ballot | None]:
    """What must become of a ballot of an ingest message, by the rules as the documentation says
    them; and the ballot.
    """
    try:
        envelope = json.loads(message.body)
        received_at = envelope.get("received_at", message.sent_at // 1000 * 1000)
        cast_at = row["cast_at"] if isinstance(row["cast_at"], int) else _micros(row["cast_at"])
        ballot = Ballot(row["voter_id"], row["title_id"], row["votes"], row["ballot_id"], cast_at)
    except (ValueError, TypeError, KeyError, AttributeError):
        return "quarantine", None
    right = all(aspect in ASPECTS and (score is None or 1 <= score <= 5) for aspect, score in ballot.votes.items())
    in_time = received_at - MONTH <= cast_at <= received_at + 60 * SECOND
    closed = ballot.title_id == SOON or (ballot.title_id == CLOSING and received_at >= CLOSES)
    return "count" if right and in_time and not closed else "quarantine", ballot


def accepted_in(answer: Any) -> list[str]:
    """The ballots that an answer of receive says are accepted."""
    rows = json.loads(answer["body"])["accepted"] if answer["statusCode"] == 202 else []
    return [row["ballot_id"] for row in rows]


def said_in(answer: Any) -> dict[str, int]:
    """The counters that an answer of results says, without zeros."""
    body = json.loads(answer["body"])
    counts = {
        f"{aspect}#{score}": n for aspect, of in body.get("aspects", {}).items() for score, n in of["histogram"].items()
    }
    return {name: n for name, n in (counts | {"voters": body.get("voters", 0)}).items() if n}


def _row_of(title: str) -> Row:
    return {"title_id": {"S": title}, **CATALOGUE[title]}


def _micros(text: str) -> int:
    since = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def _rfc3339(micros: int) -> str:
    return datetime.fromtimestamp(micros // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{micros % SECOND:06d}Z"


class Clients:
    """All who vote in one history.

    `waiting` counts requests that are still to come, or to be answered.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self.waiting = 0
        self.ballots = 0
        self.repeated_late = 0
        self.by_hand: set[str] = set()
        self.acts = 1 + max((request.act % 2 for request in world.plan.requests), default=0)
        for title in CATALOGUE:  # long before: no read is so old
            world.table("catalogue").items[(title,)] = _row_of(title)

    def list_title(self, title: str, **wrong: Any) -> None:
        """Put a title's row into the catalogue: the right one, or with something wrong in it."""
        self._world.table("catalogue").write((title,), _row_of(title) | wrong)

    def begin(self, act: int) -> None:
        """All requests of this act, at their times from now on; those that come again in the second
        act are of the first.
        """
        began = self._world.stage.now
        for number, request in enumerate(self._world.plan.requests):
            if request.act % 2 == act:
                self._at(began + request.at * MS, number, request)
                if request.again:
                    self.repeated_late += 1
                    self._at(began + (request.at + request.again) * MS, number, request)
            elif act == 1 and request.again:  # a client that repeats itself after a month
                self.repeated_late += 1
                self._at(began + request.at * MS, number, request)

    def _at(self, time: int, number: int, request: Request) -> None:
        self.waiting += 1
        self._world.lasts_until(time)
        self._world.stage.at(time, lambda: self._send(number, request))
        for seconds in LOOKS:
            self._world.stage.at(time + seconds * SECOND, lambda: self.results(f"t{number % 3}", lambda _: None))

    def _send(self, number: int, request: Request) -> None:
        way = WAYS[request.way % len(WAYS)]
        rows = [self._row(number, place, cast, request) for place, cast in enumerate(request.ballots)]
        self.ballots += len(rows)
        if way == "http":
            self._ask(request)
            self._post({"ballots": rows}, 1)
            return
        self.waiting -= 1
        self._by_hand(way, number, rows)

    def _row(self, number: int, place: int, cast: Cast, request: Request) -> Row:
        bad = BAD[cast.bad % len(BAD)]
        row: Row = {"voter_id": f"v{cast.voter}", "title_id": f"t{cast.title}", "votes": votes_of(cast.votes)}
        if request.stamp is not None or WAYS[request.way % len(WAYS)] != "http":
            cast_at = self._world.started + (request.at - (request.stamp or 0)) * MS - 400 * SECOND
            row |= {"ballot_id": f"r{number}-{place}", "cast_at": _rfc3339(cast_at)}
        match bad:
            case "bad score":
                row["votes"] = row["votes"] | {"story": 9}
            case "unknown aspect":
                row["votes"] = row["votes"] | {"smell": 1}
            case "no voter":
                del row["voter_id"]
            case _ if bad in TITLE_OF and WAYS[request.way % len(WAYS)] in {"http", "by hand"}:
                row["title_id"] = TITLE_OF[bad]
        return row

    def _post(self, body: Row, attempt: int) -> None:
        def over(answer: Any, died: BaseException | None) -> None:
            status = answer["statusCode"] if died is None else 503
            if status not in {202, 400, 503}:
                self._world.stage.stop(Broken("answers", f"receive answered {status}: {answer['body']}"))
            if status == 202:
                self._world.checker.accept(accepted_in(answer))
            if status == 503 and attempt < ATTEMPTS:
                again = self._world.stage.now + int(self._world.rng.uniform(5, 30) * SECOND)
                self._world.stage.at(again, lambda: self._post(body, attempt + 1))
            else:
                self.waiting -= 1

        event = {
            "version": "2.0",
            "rawPath": "/v1/ballots",
            "headers": {"content-type": "application/json"},
            "requestContext": {"http": {"method": "POST", "path": "/v1/ballots"}},
            "body": json.dumps(body),
            "isBase64Encoded": False,
        }
        self._world.lambdas.invoke("receive", event, over)

    def _ask(self, request: Request) -> None:
        """Somebody looks at results, of a title that has votes or of none."""
        title = f"t{request.ballots[0].title}" if self._world.rng.random() < 0.7 else "nobody-knows"
        self.results(title, lambda answer: None)

    def results(self, title_id: str, told: Any) -> None:
        """Ask for a title's results; `told` gets the answer's body, or None."""
        began = self._world.stage.now

        def over(answer: Any, died: BaseException | None) -> None:
            if died is None and answer["statusCode"] not in {200, 404, 503}:
                self._world.stage.stop(Broken("answers", f"results answered {answer['statusCode']}: {answer['body']}"))
            if died is None and answer["statusCode"] != 503:
                wrong = self._world.checker.views.wrong(title_id, said_in(answer), began)
                if wrong:
                    self._world.stage.stop(Broken("results", wrong))
            told(json.loads(answer["body"]) if died is None and answer["statusCode"] == 200 else None)

        path = f"/v1/titles/{title_id}/results"
        event = {
            "rawPath": path,
            "requestContext": {"http": {"method": "GET", "path": path}},
            "pathParameters": {"title_id": title_id},
        }
        self._world.lambdas.invoke("results", event, over)

    def _by_hand(self, way: str, number: int, rows: list[Row]) -> None:
        """Put a message on a queue, past receive."""
        self.by_hand |= {row["ballot_id"] for row in rows}
        ingest, count = (self._world.cloud.sqs.queues[mapping.name] for mapping in deployed.MAPPINGS[:2])
        match way:
            case "by hand":
                ingest.send(json.dumps({"received_at": self._world.stage.now, "ballots": rows}))
            case "bare by hand":
                ingest.send(json.dumps(rows[0]))
            case "garbage":
                body = f"garbage {number} {{"
                self.by_hand |= {ballot_id for ballot_id, _ in contents(body)}
                ingest.send(body)
            case _:
                self._on_count(way, count, rows)

    def _on_count(self, way: str, count: Any, rows: list[Row]) -> None:
        """A count message whose rows are not all right, or which says the wrong shard."""
        voter = rows[0].get("voter_id", "v0")
        right = shard_of(voter, self._world.shards)
        shard = right if way == "wrong row" else (right + 1) % self._world.shards
        given = []
        for row in rows:
            ballot = Ballot(voter, row["title_id"], row["votes"], row["ballot_id"], _micros(row["cast_at"]))
            good = way == "wrong row" and all(
                aspect in ASPECTS and (score is None or score <= 5) for aspect, score in ballot.votes.items()
            )
            self._world.checker.known[ballot.ballot_id] = ballot
            self._world.checker.verdicts[ballot.ballot_id].add("count" if good else "quarantine")
            given.append(list(ballot))
        body = json.dumps({"v": 1, "shard": shard, "shards": self._world.shards, "ballots": given})
        count.send(body, str(shard), f"hand-{self._world.stage.now}-{rows[0]['ballot_id']}")
