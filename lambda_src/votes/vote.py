"""vote: what stands of a voter's own vote on a title.

Where the API asks for a token, the voter is the token's and nobody else. Where it asks for none,
whoever knows a voter's id may vote as them, and may read what they said: the id is sent in a
header, because it is all the proof there is, and addresses are kept in logs and histories.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared import clients, entrance, http, logs, settings
from shared.bearer import bearer_of
from shared.http import HttpError
from shared.versions import NewerVersion
from votes import aspects, stamps
from votes.requests import identifier_of, title_of
from votes.rows import UnreadableVote, Vote, read_vote
from votes.settings import VoteSettings
from votes.tallies import Tallies

ROUTE = "GET /v1/titles/{title_id}/vote"
VOTER_HEADER = "voter-id"
PASSING = (ClientError, BotoCoreError, NewerVersion, UnreadableVote)
UNAVAILABLE = HttpError(
    503,
    "table-unavailable",
    "the vote cannot be read now: ask again later",
    headers={"retry-after": "5"},
)

Json = dict[str, Any]


class OwnVote:
    """The function's work. `dynamodb` is a client that may get votes and the fold row."""

    def __init__(self, config: VoteSettings, dynamodb: Any) -> None:
        self._config, self._dynamodb = config, dynamodb
        self._tallies = Tallies(dynamodb, config.tallies_table)
        self._aspects = aspects.by_get(dynamodb, config.votes_table)

    def handle(self, event: Json) -> Json:
        """The answer to a request of the configured entrance; whatever came in, never an
        exception.
        """
        return entrance.answer(self._config, event, (ROUTE,), self._answered)

    def _answered(self, event: Json) -> Json:
        return http.answered("vote", lambda: self._asked(event), PASSING, UNAVAILABLE)

    def _asked(self, event: Json) -> Json:
        http.require(event, "GET", "/vote")
        title_id = title_of(event)
        voter_id = self._voter_of(event)
        vote = self._vote(voter_id, title_id)
        answer = {
            "title_id": title_id,
            "voter_id": voter_id,
            "votes": _said(vote) if vote else {},
            "in_results": vote is not None and self._is_shown(vote, voter_id),
        }
        logs.logger().info("answered", extra={"status": 200})
        return http.reply(200, answer)

    def _voter_of(self, event: Json) -> str:
        """Whose vote may be read. Raises HttpError 400 or 401 when the request does not show it."""
        if self._config.voter_from == "token":
            return bearer_of(event).id
        headers: Mapping[str, str] = event.get("headers") or {}
        given = next(
            (value for name, value in headers.items() if name.lower() == VOTER_HEADER), None
        )
        if given is None:
            raise HttpError(400, "no-voter", "say whose vote it is in the header Voter-Id")
        return identifier_of(given, "the header Voter-Id")

    def _vote(self, voter_id: str, title_id: str) -> Vote | None:
        """Strongly consistent: a voter who has seen their ballot counted sees it still."""
        item = self._dynamodb.get_item(
            TableName=self._config.votes_table,
            Key={"voter_id": {"S": voter_id}, "title_id": {"S": title_id}},
            ConsistentRead=True,
        ).get("Item")
        return read_vote(item, self._aspects.name_of) if item else None

    def _is_shown(self, vote: Vote, voter_id: str) -> bool:
        """Whether the title's results hold the vote: they show what its entry put."""
        fold = self._tallies.fold()
        return fold is not None and fold.shows(voter_id, vote.n)


def _said(vote: Vote) -> Json:
    """By aspect: the score that stands, null where it is withdrawn, and the ballot that said so."""
    return {
        aspect: {
            "score": said.score,
            "ballot_id": said.ballot_id,
            "cast_at": stamps.to_rfc3339(said.cast_at),
        }
        for aspect, said in sorted(vote.standing.items())
    }


@cache
def _worker() -> OwnVote:
    return OwnVote(settings.load(VoteSettings), clients.client("dynamodb"))


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
