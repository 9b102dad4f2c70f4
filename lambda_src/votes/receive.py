"""receive: takes ballots over HTTP and puts them on the ingest queue.

What a ballot alone shows to be wrong it refuses at once.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from shared import clients, clock, entrance, http, logs, queues, settings, strict_json, witness
from shared.bearer import bearer_of
from shared.http import HttpError
from shared.queues import OutgoingMessage
from shared.visible import shown
from shared.witness import Witnessing
from votes import messages, reserved, stamps
from votes.ballot import Ballot, Code, Refusal
from votes.settings import ReceiveSettings

ROUTE = "POST /v1/ballots"
MOST_BYTES = 1_048_576
IF_LARGER = "send the ballots in several requests"
RETRY_AFTER_SECONDS = 5
RESERVED = Refusal(
    Code.UNKNOWN_TITLE, f'the title "{reserved.TITLE}" is the service\'s own: vote on another one'
)

Json = dict[str, Any]


class Receive:
    """The function's work; one a worker."""

    def __init__(self, config: ReceiveSettings, sqs: Any, witnessing: Witnessing) -> None:
        self._config, self._sqs, self._witnessing = config, sqs, witnessing
        self._rules = config.rules()

    def handle(self, event: Json) -> Json:
        """The answer to a request of the configured entrance; whatever came in, never an
        exception.
        """
        return entrance.answer(self._config, event, (ROUTE,), self._asked)

    def _asked(self, event: Json) -> Json:
        try:
            http.require(event, "POST", "/v1/ballots")
            voter, most = self._sender(event)
            raws = _ballots_in(http.json_text(event, MOST_BYTES, IF_LARGER), most)
            return self._receive(raws, voter, event)
        except HttpError as error:
            logs.logger().info("refused", extra={"status": error.status, "code": error.code})
            if error.status != 503:
                logs.count({"RequestsRefused": 1})
            return error.reply()
        except Exception as error:
            logs.error("receive", error)
            return HttpError(
                500, "internal", "something went wrong on our side: send the request again"
            ).reply()

    def _receive(self, raws: list[Any], voter: str | None, event: Json) -> Json:
        received_at = clock.now_us()
        ballots, accepted, rejected = self._read(raws, voter, received_at, event)
        if not ballots:
            raise HttpError(
                400,
                "no-ballot",
                "no ballot in the request is well-formed: details say why",
                {"rejected": rejected},
            )
        self._witnessing.prepare()
        unsent = self._send(ballots, received_at)
        if unsent:
            logs.count({"BallotsRejected": len(rejected), "BallotsNotSent": len(unsent)})
            rejected = _with_unsent(rejected, [accepted[i]["index"] for i in unsent])
            if len(unsent) == len(ballots):
                raise _none_sent(rejected)
            accepted = [one for i, one in enumerate(accepted) if i not in unsent]
            ballots = [ballot for i, ballot in enumerate(ballots) if i not in unsent]
        elif rejected:
            logs.count({"BallotsRejected": len(rejected)})
        logs.logger().info("received", extra={"accepted": len(accepted), "rejected": len(rejected)})
        self._witnessing.accepted([ballot.ballot_id for ballot in ballots])
        return http.reply(202, {"accepted": accepted, "rejected": rejected})

    def _read(
        self, raws: list[Any], voter: str | None, received_at: int, event: Json
    ) -> tuple[list[Ballot], list[Json], list[Json]]:
        """The ballots, stamped, and the answer's `accepted` and `rejected`.

        There is one `accepted` for each ballot, in their order.
        """
        ballots: list[Ballot] = []
        accepted: list[Json] = []
        rejected: list[Json] = []
        new_ids = stamps.new_ids(len(raws))
        for index, raw in enumerate(raws):
            if voter is not None and isinstance(raw, dict):
                raw["voter_id"] = voter
            ballot = self._rules.read(raw, now_us=received_at, index=index, new_ids=new_ids)
            if (
                not isinstance(ballot, Refusal)
                and ballot.title_id == reserved.TITLE
                and not reserved.is_probe(event)
            ):
                ballot = RESERVED
            if isinstance(ballot, Refusal):
                rejected.append(_rejected(index, ballot))
                continue
            ballots.append(ballot)
            cast_at = raw.get("cast_at") or stamps.to_rfc3339(ballot.cast_at)
            accepted.append({"index": index, "ballot_id": ballot.ballot_id, "cast_at": cast_at})
        return ballots, accepted, rejected

    def _send(self, ballots: Sequence[Ballot], received_at: int) -> set[int]:
        """Put the ballots on the queue in few messages: the indices of those not on it."""
        parts = list(messages.in_messages(ballots, self._rules))
        outgoing = [OutgoingMessage(messages.encode_ingest(received_at, part)) for part in parts]
        unsent = queues.send_all(self._sqs, self._config.ingest_queue_url, outgoing)
        indices: set[int] = set()
        start = 0
        for number, part in enumerate(parts):
            if number in unsent:
                indices.update(range(start, start + len(part)))
            start += len(part)
        return indices

    def _sender(self, event: Json) -> tuple[str | None, int]:
        """The voter the token names, None when the body may say it; and the most ballots they may
        send in a request.

        Raises HttpError 401 when there should be a token and is none.
        """
        most = self._config.most_ballots
        if self._config.voter_from == "body":
            return None, most.voter
        bearer = bearer_of(event)
        if self._config.trusted_scope in bearer.scopes:
            return None, most.trusted
        return bearer.id, most.voter


def _ballots_in(text: str, most: int) -> list[Any]:
    """The ballots in a body, `most` of them at most, not yet judged.

    Raises HttpError: 400 when there are none to judge, 413 when there are too many.
    """
    body = _parsed(text)
    if isinstance(body, strict_json.Duplicated) and any(key == "ballots" for key, _ in body.pairs):
        raise HttpError(400, Code.DUPLICATE_KEY, f"the body has the key {shown(body.key())} twice")
    if not isinstance(body, dict) or "ballots" not in body:
        if isinstance(body, dict | strict_json.Duplicated):
            return [body]
        raise HttpError(
            400,
            Code.NOT_AN_OBJECT,
            f'the body must be a ballot or {{"ballots": [...]}}; got {shown(body)}',
        )
    ballots = body["ballots"]
    if len(body) > 1:
        other = next(key for key in body if key != "ballots")
        raise HttpError(
            400,
            Code.UNKNOWN_FIELD,
            f"beside ballots the body has {shown(other)}: put it into each ballot or leave it out",
        )
    if not isinstance(ballots, list) or not ballots:
        got = "an empty list" if ballots == [] else shown(ballots)
        raise HttpError(
            400, "no-ballot", f"ballots must be a list of 1 to {most} ballots; got {got}"
        )
    if len(ballots) > most:
        raise HttpError(
            413,
            "too-many-ballots",
            f"{len(ballots)} ballots in one request: send at most {most}",
        )
    return ballots


def _parsed(text: str) -> Any:
    try:
        return strict_json.loads(text)
    except strict_json.TooManyValues as error:
        raise HttpError(
            400, "too-many-values", f"the body is too much: {error}; {IF_LARGER}"
        ) from None
    except ValueError as error:
        raise HttpError(400, Code.NOT_JSON, f"the body is not JSON: {error}") from None


def _rejected(index: int, refusal: Refusal) -> Json:
    return {"index": index, "code": refusal.code, "message": refusal.message}


def _with_unsent(rejected: list[Json], indices: list[int]) -> list[Json]:
    """The answer's `rejected`, with the ballots that the queue did not take."""
    refusal = Refusal(Code.QUEUE_UNAVAILABLE, "the queue did not take it: send it again")
    unsent = [_rejected(index, refusal) for index in indices]
    return sorted(rejected + unsent, key=lambda one: one["index"])


def _none_sent(rejected: list[Json]) -> HttpError:
    return HttpError(
        503,
        Code.QUEUE_UNAVAILABLE,
        "the queue took none of the ballots: send the request again later",
        {"rejected": rejected},
        {"retry-after": str(RETRY_AFTER_SECONDS)},
    )


@cache
def _worker() -> Receive:
    config = settings.load(ReceiveSettings)
    # Ballots are taken without the tables: one that does not answer may cost two seconds, once.
    dynamodb = clients.client("dynamodb", hurried=True)
    keys, share = config.keys_table, config.witness_share
    witnessing = witness.by_key_of(dynamodb, keys, share, makes=True)
    return Receive(config, clients.client("sqs"), witnessing)


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
