"""Ballots, what can be wrong with one, and how a message shows what was sent."""

from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import StringConstraints, TypeAdapter, ValidationError

Identifier = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Code(StrEnum):
    """What can be wrong with a ballot or a message; also the reasons of the quarantine."""

    NOT_AN_OBJECT = "not-an-object"
    MISSING_FIELD = "missing-field"
    UNKNOWN_FIELD = "unknown-field"
    DUPLICATE_KEY = "duplicate-key"
    BAD_IDENTIFIER = "bad-identifier"
    BAD_VOTES = "bad-votes"
    EMPTY_VOTES = "empty-votes"
    UNKNOWN_ASPECT = "unknown-aspect"
    BAD_SCORE = "bad-score"
    BAD_TIME = "bad-time"
    TOO_EARLY = "too-early"
    TOO_LATE = "too-late"
    STAMP_INCOMPLETE = "stamp-incomplete"
    QUEUE_UNAVAILABLE = "queue-unavailable"
    NOT_JSON = "not-json"
    NOT_A_MESSAGE = "not-a-message"
    UNKNOWN_TITLE = "unknown-title"
    TITLE_NOT_OPEN = "title-not-open"
    TITLE_CLOSED = "title-closed"
    WRONG_SHARD = "wrong-shard"


class Ballot(NamedTuple):
    """One voter's scores for one title; `votes` is aspect -> score, or None to withdraw.

    As a list it is a row of a count message.
    """

    voter_id: str
    title_id: str
    votes: dict[str, int | None]
    ballot_id: str
    cast_at: int

    @property
    def stamp(self) -> tuple[int, str]:
        """What orders it among its voter's on the title: the later wins, aspect by aspect."""
        return (self.cast_at, self.ballot_id)


_identifier = TypeAdapter(Identifier)


def is_identifier(value: object) -> bool:
    """Whether a value may name a voter, a title or a ballot."""
    try:
        _identifier.validate_python(value)
    except ValidationError:
        return False
    return True


class Refusal(NamedTuple):
    """Why input is not a ballot: a code for programs, a message for people.

    At most 40 characters of the input are in the message.
    """

    code: Code
    message: str
