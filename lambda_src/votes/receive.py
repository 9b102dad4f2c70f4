"""receive: takes ballots over HTTP, refuses at once what a ballot alone shows to be wrong, puts the rest on the ingest queue."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from shared import clients, clock, http, logs, queues, settings
from shared.http import HttpError
from shared.queues import OutgoingMessage
from votes import messages, reserved, stamps, strict_json, witness
from votes.ballot import Ballot, Code, Refusal, shown
from votes.settings import ReceiveSettings
from votes.voters import voter_of

MOST_BYTES = 1_048_576
MOST_BALLOTS = 500
RETRY_AFTER_SECONDS = 5
RESERVED = Refusal(Code.UNKNOWN_TITLE, f'the title "{reserved.TITLE}" is the service\'s own: vote on another one')

Json = dict[str, Any]


class Receive:
    """The function's work; one a worker."""

    def __init__(self, config: ReceiveSettings, sqs: Any) -> None:
        self._config, self._sqs = config, sqs
        self._rules = config.rules()

    def handle(self, event: Json) -> Json:
        """The answer to an HTTP request; whatever came in, never an exception."""
        try:
            http.require(event, "POST", "/v1/ballots")
            voter = self._voter(event)
            return self._receive(_ballots_in(http.json_text(event, MOST_BYTES)), voter, event)
        except HttpError as error:
            logs.logger().info("refused", extra={"status": error.status, "code": error.code})
            if error.status != 503:
                logs.count({"RequestsRefused": 1})
            return error.reply()
        except Exception as error:
            logs.logger().error("failed", extra={"place": "receive", "kind": logs.kind_of(error), **logs.cause_of(error)})
            return HttpError(500, "internal", "something went wrong on our side: send the request again").reply()

    def _receive(self, raws: list[Any], voter: str | None, event: Json) -> Json:
        received_at = clock.now_us()
        ballots, accepted, rejected = self._read(raws, voter, received_at, event)
        if not ballots:
            raise HttpError(400, "no-ballot", "no ballot in the request is well-formed: details say why", {"rejected": rejected})
        unsent = self._send(ballots, received_at)
        if unsent:
            logs.count({"BallotsRejected": len(rejected), "BallotsNotSent": len(unsent)})
            refusal = Refusal(Code.QUEUE_UNAVAILABLE, "the queue did not take it: send it again")
            rejected = sorted(rejected + [_rejected(accepted[place]["index"], refusal) for place in unsent], key=lambda one: one["index"])
            if len(unsent) == len(ballots):
                raise HttpError(
                    503,
                    Code.QUEUE_UNAVAILABLE,
                    "the queue took none of the ballots: send the request again later",
                    {"rejected": rejected},
                    {"retry-after": str(RETRY_AFTER_SECONDS)},
                )
            accepted = [one for place, one in enumerate(accepted) if place not in unsent]
            ballots = [ballot for place, ballot in enumerate(ballots) if place not in unsent]
        elif rejected:
            logs.count({"BallotsRejected": len(rejected)})
        logs.logger().info("received", extra={"accepted": len(accepted), "rejected": len(rejected)})
        found = witness.hashes([ballot.ballot_id for ballot in ballots], self._config.witness_share)
        witness.line(logs.logger(), "accepted", "accepted", found)
        return http.reply(202, {"accepted": accepted, "rejected": rejected})

    def _read(self, raws: list[Any], voter: str | None, received_at: int, event: Json) -> tuple[list[Ballot], list[Json], list[Json]]:
        """The ballots, stamped; the answer's `accepted`, one for each of them in their order; and its `rejected`."""
        ballots: list[Ballot] = []
        accepted: list[Json] = []
        rejected: list[Json] = []
        new_ids = stamps.new_ids(len(raws))
        for index, raw in enumerate(raws):
            if voter is not None and isinstance(raw, dict):
                raw["voter_id"] = voter
            ballot = self._rules.read(raw, now_us=received_at, place=index, new_ids=new_ids)
            if not isinstance(ballot, Refusal) and ballot.title_id == reserved.TITLE and not reserved.is_probe(event):
                ballot = RESERVED
            if isinstance(ballot, Refusal):
                rejected.append(_rejected(index, ballot))
                continue
            ballots.append(ballot)
            cast_at = raw.get("cast_at") or stamps.to_rfc3339(ballot.cast_at)
            accepted.append({"index": index, "ballot_id": ballot.ballot_id, "cast_at": cast_at})
        return ballots, accepted, rejected

    def _send(self, ballots: Sequence[Ballot], received_at: int) -> set[int]:
        """Put the ballots on the queue in as few messages as they fit; the places of those that are not on it."""
        parts = list(messages.in_messages(ballots, self._rules))
        outgoing = [OutgoingMessage(messages.encode_ingest(received_at, part)) for part in parts]
        unsent = queues.send_all(self._sqs, self._config.ingest_queue_url, outgoing)
        places: set[int] = set()
        start = 0
        for number, part in enumerate(parts):
            if number in unsent:
                places.update(range(start, start + len(part)))
            start += len(part)
        return places

    def _voter(self, event: Json) -> str | None:
        """The voter the token names; None when the body may say it. Raises HttpError 401 when there should be a token and is none."""
        if self._config.voter_from == "body":
            return None
        jwt = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {})
        claims = jwt.get("claims") or {}
        if not claims.get("iss") or not claims.get("sub"):
            raise HttpError(401, "no-token", "send a token with an issuer and a subject")
        scopes = [*(jwt.get("scopes") or ()), *str(claims.get("scope", "")).split()]
        if self._config.trusted_scope in scopes:
            return None
        return voter_of(claims["iss"], claims["sub"])


def _ballots_in(text: str) -> list[Any]:
    """The ballots in a body, not yet judged. Raises HttpError: 400 when there are none to judge, 413 when there are too many."""
    try:
        body = strict_json.loads(text)
    except ValueError as error:
        raise HttpError(400, Code.NOT_JSON, f"the body is not JSON: {error}") from None
    if isinstance(body, strict_json.Duplicated) and any(key == "ballots" for key, _ in body.pairs):
        raise HttpError(400, Code.DUPLICATE_KEY, f"the body has the key {shown(body.key())} twice")
    if not isinstance(body, dict) or "ballots" not in body:
        if isinstance(body, dict | strict_json.Duplicated):
            return [body]
        raise HttpError(400, Code.NOT_AN_OBJECT, f'the body must be a ballot or {{"ballots": [...]}}; got {shown(body)}')
    ballots = body["ballots"]
    if len(body) > 1:
        other = next(key for key in body if key != "ballots")
        raise HttpError(400, Code.UNKNOWN_FIELD, f"beside ballots the body has {shown(other)}: put it into each ballot or leave it out")
    if not isinstance(ballots, list) or not ballots:
        got = "an empty list" if ballots == [] else shown(ballots)
        raise HttpError(400, "no-ballot", f"ballots must be a list of 1 to {MOST_BALLOTS} ballots; got {got}")
    if len(ballots) > MOST_BALLOTS:
        raise HttpError(413, "too-many-ballots", f"{len(ballots)} ballots in one request: send at most {MOST_BALLOTS}")
    return ballots


def _rejected(index: int, refusal: Refusal) -> Json:
    return {"index": index, "code": refusal.code, "message": refusal.message}


@cache
def _worker() -> Receive:
    return Receive(settings.load(ReceiveSettings), clients.client("sqs"))


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
