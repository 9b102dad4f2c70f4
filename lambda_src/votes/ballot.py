"""Ballots: what one is, and the environment's rules that make a ballot of input or say what is wrong with it."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple, NotRequired

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict  # Pydantic needs this one before Python 3.12

from votes import stamps
from votes.strict_json import Duplicated, NotANumber

Identifier = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Loc = tuple[int | str, ...]  # where Pydantic found an error
Micros = Annotated[int, Field(strict=True, ge=0, lt=2**53)]

MOST_SHOWN = 40


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
    """One voter's scores for one title; `votes` is aspect -> score, or None to withdraw. As a list it is a row of a count message."""

    voter_id: str
    title_id: str
    votes: dict[str, int | None]
    ballot_id: str
    cast_at: int

    @property
    def stamp(self) -> tuple[int, str]:
        """What orders it among the ballots of its voter and title: the later wins, aspect by aspect."""
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
    """Why input is not a ballot: a code for programs, a message for people (at most 40 characters of the input in it)."""

    code: Code
    message: str


class Rules:
    """The environment's rules: its aspects and its scale."""

    def __init__(self, aspects: Sequence[str], lowest: int, highest: int) -> None:
        self.aspects = tuple(aspects)
        self.lowest = lowest
        self.highest = highest
        given, rows, sent = _models(self.aspects, lowest, highest)
        self._given = given.validator.validate_python
        self._row = rows.validator.validate_python
        self.sent = sent.validator.validate_json  # raises ValidationError

    def read(
        self, raw: object, *, now_us: int, place: int = 0, new_ids: Iterator[str] | None = None, queued: bool = False
    ) -> Ballot | Refusal:
        """The ballot in parsed JSON `raw`, or what is wrong with it, judged as of `now_us`.

        One without a stamp is stamped with `now_us` plus its `place` in the request, and the next of `new_ids` or an id from its content.
        `queued`: its cast_at may be microseconds too.
        """
        try:
            fields = self._given(raw)
        except ValidationError as error:
            return self._refusal(error)
        if "cast_at" not in fields:
            if "ballot_id" in fields:
                return Refusal(Code.STAMP_INCOMPLETE, "ballot_id without cast_at: send both or neither")
            ballot_id = next(new_ids) if new_ids else stamps.content_id(raw)
            return Ballot(fields["voter_id"], fields["title_id"], fields["votes"], ballot_id, now_us + place)
        if "ballot_id" not in fields:
            return Refusal(Code.STAMP_INCOMPLETE, "cast_at without ballot_id: send both or neither")
        when = _cast_at(fields["cast_at"], now_us, queued)
        if isinstance(when, Refusal):
            return when
        return Ballot(fields["voter_id"], fields["title_id"], fields["votes"], fields["ballot_id"], when)

    def read_row(self, row: object) -> Ballot | Refusal:
        """The ballot in a row of a count message, or what is wrong with it: a ballot's fields in order, cast_at in microseconds."""
        try:
            (fields,) = self._row([row])
        except ValidationError as error:
            return self._refusal(error, _place_in_row)
        return Ballot._make(fields)

    def read_rows(self, rows: Sequence[object]) -> tuple[list[Ballot], list[tuple[object, Refusal]]]:
        """The ballots in `rows`, and the rows that are none with what is wrong with them."""
        try:
            return list(map(Ballot._make, self._row(rows))), []
        except ValidationError:
            pass  # now one by one
        read = [(row, self.read_row(row)) for row in rows]
        refused = [(row, found) for row, found in read if isinstance(found, Refusal)]
        return [found for _, found in read if isinstance(found, Ballot)], refused

    def _refusal(self, error: ValidationError, place_of: Callable[[Loc], list[str]] = lambda loc: [*map(str, loc)]) -> Refusal:
        """The first thing wrong, in our words."""
        problem = error.errors(include_url=False, include_context=False)[0]
        kind, given, place = problem["type"], problem["input"], place_of(problem["loc"])
        field = place[0] if place else ""
        if kind == "missing":
            return Refusal(Code.MISSING_FIELD, f"{field} is missing")
        if kind == "extra_forbidden" or (kind == "string_unicode" and not place):  # the latter: a name that is no text
            return Refusal(Code.UNKNOWN_FIELD, f"a ballot has no field {shown(field or given)}: it has {', '.join(Ballot._fields)}")
        if not place:
            return _not_a_ballot(given)
        if field == "votes":
            return self._bad_votes(place[1:], given)
        if field == "cast_at":
            return Refusal(Code.BAD_TIME, f"cast_at must be whole microseconds since 1970; got {shown(given)}")
        return Refusal(Code.BAD_IDENTIFIER, f"{field} must be 1 to 64 of the characters A-Z a-z 0-9 _ -; got {shown(given)}")

    def _bad_votes(self, place: list[str], given: object) -> Refusal:
        if len(place) == 2:  # the key itself
            return Refusal(Code.UNKNOWN_ASPECT, f"votes has an unknown aspect {shown(place[0])}: the aspects are {', '.join(self.aspects)}")
        if place:
            scale = f"a whole number from {self.lowest} to {self.highest}, or null to withdraw it"
            return Refusal(Code.BAD_SCORE, f"votes.{place[0][:MOST_SHOWN]} must be {scale}; got {shown(given)}")
        if isinstance(given, Duplicated):
            return Refusal(Code.DUPLICATE_KEY, f"votes has the key {shown(given.key())} twice: send each aspect once")
        if given == {}:
            return Refusal(Code.EMPTY_VOTES, f"votes is empty: give at least one of {', '.join(self.aspects)}")
        return Refusal(Code.BAD_VOTES, f'votes must be an object such as {{"{self.aspects[0]}": {self.highest}}}; got {shown(given)}')


def _not_a_ballot(given: object) -> Refusal:
    if isinstance(given, Duplicated):
        return Refusal(Code.DUPLICATE_KEY, f"the ballot has the key {shown(given.key())} twice: send each field once")
    return Refusal(Code.NOT_AN_OBJECT, f"a ballot must be an object with {', '.join(Ballot._fields[:3])}; got {shown(given)}")


def _place_in_row(loc: Loc) -> list[str]:
    """Where in a ballot an error in a list of one row is: [0, field's number, ...] to [field, ...]."""
    return [Ballot._fields[int(loc[1])], *map(str, loc[2:])] if len(loc) > 1 else []


def _cast_at(given: object, now_us: int, queued: bool) -> int | Refusal:
    when = stamps.from_rfc3339(given) if isinstance(given, str) else None
    if queued and type(given) is int:
        when = given
    if when is None:
        return Refusal(Code.BAD_TIME, f"cast_at must be an RFC 3339 time with a zone, such as 2026-11-21T08:00:00Z; got {shown(given)}")
    if when > now_us + stamps.MOST_AHEAD_US:
        return Refusal(Code.TOO_LATE, f"cast_at is more than 60 s ahead of our clock; got {shown(given)}")
    if when < now_us - stamps.MOST_BEHIND_US:
        return Refusal(Code.TOO_EARLY, f"cast_at is more than 30 days ago; got {shown(given)}")
    return when


def _models(aspects: tuple[str, ...], lowest: int, highest: int) -> tuple[TypeAdapter[Any], TypeAdapter[Any], TypeAdapter[Any]]:
    """The Pydantic models of a ballot as given, of the rows of a count message, and of an ingest message as receive sends it."""
    score = Annotated[int, Field(strict=True, ge=lowest, le=highest)] | None
    scores = Annotated[dict[Literal[aspects], score], Field(min_length=1)]  # type: ignore[valid-type]

    @with_config(ConfigDict(extra="forbid"))
    class GivenBallot(TypedDict):
        voter_id: Identifier
        title_id: Identifier
        votes: scores
        ballot_id: NotRequired[Identifier]
        cast_at: NotRequired[Any]

    class SentBallot(TypedDict):
        voter_id: Identifier
        title_id: Identifier
        votes: scores
        ballot_id: Identifier
        cast_at: Micros

    class SentMessage(TypedDict):
        v: Annotated[int, Field(strict=True, ge=1, le=1)]
        received_at: Micros
        ballots: Annotated[list[SentBallot], Field(min_length=1)]

    row = tuple[Identifier, Identifier, scores, Identifier, Micros]
    return TypeAdapter(GivenBallot), TypeAdapter(list[row]), TypeAdapter(SentMessage)


def _visible(character: str) -> str:
    """What cannot be seen, or could not be sent, as an escape: control characters, marks of direction, lone surrogates."""
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def shown(given: object) -> str:
    """`given` as a message may show it: at most 40 characters of it."""
    if isinstance(given, str):
        visible = "".join(map(_visible, given[:MOST_SHOWN]))
        return f'"{visible}"' if len(given) <= MOST_SHOWN >= len(visible) else f'"{visible[:MOST_SHOWN]}…"'
    if isinstance(given, dict | Duplicated):
        return "an object"
    if isinstance(given, list | tuple):
        return "a list"
    if isinstance(given, NotANumber):
        return given.text[:MOST_SHOWN]
    if given is None or isinstance(given, bool):
        return {None: "null", True: "true", False: "false"}[given]
    return str(given)[:MOST_SHOWN]
