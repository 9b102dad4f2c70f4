"""The environment's rules, which make a ballot of input or say what is wrong with it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, FailFast, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict  # Pydantic needs this one before Python 3.12

from shared.strict_json import Duplicated, narrowed
from shared.visible import MOST_SHOWN, shown
from votes import stamps
from votes.ballot import Ballot, Code, Identifier, Refusal

Loc = tuple[int | str, ...]  # where Pydantic found an error
Micros = Annotated[int, Field(strict=True, ge=0, lt=2**53)]


class Rules:
    """The environment's rules: its aspects and its scale."""

    def __init__(self, aspects: Sequence[str], lowest: int, highest: int) -> None:
        self.aspects = tuple(aspects)
        self.lowest = lowest
        self.highest = highest
        raw, rows, sent = _models(self.aspects, lowest, highest)
        self._validated = raw.validator.validate_python
        self._validated_rows = rows.validator.validate_python
        self.parse_sent = sent.validator.validate_json  # raises ValidationError

    def read(
        self,
        raw: object,
        *,
        now_us: int,
        index: int = 0,
        new_ids: Iterator[str] | None = None,
        queued: bool = False,
    ) -> Ballot | Refusal:
        """The ballot in parsed JSON `raw`, or what is wrong with it, judged as of `now_us`.

        One without a stamp is stamped with `now_us` plus its `index` in the request, and the next
        of `new_ids` or an id from its content. `queued`: its cast_at may be microseconds too.
        """
        try:
            fields = self._validated(self._narrowed(raw))
        except ValidationError as error:
            return self._refusal(error)
        if "cast_at" not in fields:
            if "ballot_id" in fields:
                return Refusal(
                    Code.STAMP_INCOMPLETE, "ballot_id without cast_at: send both or neither"
                )
            ballot_id = next(new_ids) if new_ids else stamps.content_id(raw)
            return Ballot(
                fields["voter_id"], fields["title_id"], fields["votes"], ballot_id, now_us + index
            )
        if "ballot_id" not in fields:
            return Refusal(Code.STAMP_INCOMPLETE, "cast_at without ballot_id: send both or neither")
        cast_at = _cast_at(fields["cast_at"], now_us, queued)
        if isinstance(cast_at, Refusal):
            return cast_at
        return Ballot(
            fields["voter_id"], fields["title_id"], fields["votes"], fields["ballot_id"], cast_at
        )

    def read_row(self, row: object) -> Ballot | Refusal:
        """The ballot in a row of a count message, or what is wrong with it.

        A row is a ballot's fields in order, cast_at in microseconds.
        """
        if isinstance(row, list) and len(row) == len(Ballot._fields):
            row = [*row[:2], narrowed(row[2], self.aspects), *row[3:]]
        try:
            (fields,) = self._validated_rows([row])
        except ValidationError as error:
            return self._refusal(error, _path_in_row)
        return Ballot._make(fields)

    def read_rows(
        self, rows: Sequence[object], *, together: bool = True
    ) -> tuple[list[Ballot], list[tuple[object, Refusal]]]:
        """The ballots in `rows`, and the rows that are none with what is wrong with them.

        Judged `together` they take a quarter of the time, if all are right.
        """
        try:
            if together:
                return list(map(Ballot._make, self._validated_rows(rows))), []
        except ValidationError:
            pass  # now one by one
        read = [(row, self.read_row(row)) for row in rows]
        refused = [(row, result) for row, result in read if isinstance(result, Refusal)]
        return [result for _, result in read if isinstance(result, Ballot)], refused

    def _narrowed(self, raw: object) -> object:
        """A ballot as it came, with one wrong field and one wrong aspect at most."""
        raw = narrowed(raw, Ballot._fields)
        if isinstance(raw, dict) and "votes" in raw:
            votes = narrowed(raw["votes"], self.aspects)
            return raw if votes is raw["votes"] else raw | {"votes": votes}
        return raw

    def _refusal(
        self,
        error: ValidationError,
        path_of: Callable[[Loc], list[str]] = lambda loc: [*map(str, loc)],
    ) -> Refusal:
        """The first thing wrong, in our words."""
        problem = error.errors(include_url=False, include_context=False)[0]
        kind, value, path = problem["type"], problem["input"], path_of(problem["loc"])
        field = path[0] if path else ""
        if kind == "missing":
            return Refusal(Code.MISSING_FIELD, f"{field} is missing")
        name_is_no_text = kind == "string_unicode" and not path
        if kind == "extra_forbidden" or name_is_no_text:
            fields = ", ".join(Ballot._fields)
            return Refusal(
                Code.UNKNOWN_FIELD,
                f"a ballot has no field {shown(field or value)}: it has {fields}",
            )
        if not path:
            return _not_a_ballot(value)
        if field == "votes":
            return self._bad_votes(path[1:], value)
        if field == "cast_at":
            return Refusal(
                Code.BAD_TIME, f"cast_at must be whole microseconds since 1970; got {shown(value)}"
            )
        got = shown(value)
        as_text = f', a number: send it as text, "{got}"' if type(value) is int else ""
        return Refusal(
            Code.BAD_IDENTIFIER,
            f"{field} must be 1 to 64 of the characters A-Z a-z 0-9 _ -; got {got}{as_text}",
        )

    def _bad_votes(self, path: list[str], value: object) -> Refusal:
        """What is wrong at this path within a ballot's votes."""
        aspects = ", ".join(self.aspects)
        if len(path) == 2:  # the key itself
            return Refusal(
                Code.UNKNOWN_ASPECT,
                f"votes has an unknown aspect {shown(path[0])}: the aspects are {aspects}",
            )
        if path:
            scale = f"a whole number from {self.lowest} to {self.highest}, or null to withdraw it"
            return Refusal(
                Code.BAD_SCORE, f"votes.{path[0][:MOST_SHOWN]} must be {scale}; got {shown(value)}"
            )
        if isinstance(value, Duplicated):
            return Refusal(
                Code.DUPLICATE_KEY,
                f"votes has the key {shown(value.key())} twice: send each aspect once",
            )
        if value == {}:
            return Refusal(Code.EMPTY_VOTES, f"votes is empty: give at least one of {aspects}")
        example = f'{{"{self.aspects[0]}": {self.highest}}}'
        return Refusal(
            Code.BAD_VOTES, f"votes must be an object such as {example}; got {shown(value)}"
        )


def _not_a_ballot(value: object) -> Refusal:
    if isinstance(value, Duplicated):
        return Refusal(
            Code.DUPLICATE_KEY,
            f"the ballot has the key {shown(value.key())} twice: send each field once",
        )
    fields = ", ".join(Ballot._fields[:3])
    return Refusal(
        Code.NOT_AN_OBJECT, f"a ballot must be an object with {fields}; got {shown(value)}"
    )


def _path_in_row(loc: Loc) -> list[str]:
    """The path in a ballot, [field, ...], of an error in a list of one row.

    Pydantic says [0, field's number, ...].
    """
    return [Ballot._fields[int(loc[1])], *map(str, loc[2:])] if len(loc) > 1 else []


def _cast_at(value: object, now_us: int, queued: bool) -> int | Refusal:
    cast_at = stamps.from_rfc3339(value) if isinstance(value, str) else None
    if queued and type(value) is int:
        cast_at = value
    if cast_at is None:
        wanted = "an RFC 3339 time with a zone, such as 2026-11-21T08:00:00Z"
        if isinstance(value, str) and stamps.is_leap_second(value):
            wanted += ", and no leap second: send the second before it, 59, or the one after"
        return Refusal(Code.BAD_TIME, f"cast_at must be {wanted}; got {shown(value)}")
    if cast_at > now_us + stamps.MOST_AHEAD_US:
        return Refusal(
            Code.TOO_LATE, f"cast_at is more than 60 s ahead of our clock; got {shown(value)}"
        )
    if cast_at < now_us - stamps.MOST_BEHIND_US:
        return Refusal(Code.TOO_EARLY, f"cast_at is more than 30 days ago; got {shown(value)}")
    return cast_at


def _models(
    aspects: tuple[str, ...], lowest: int, highest: int
) -> tuple[TypeAdapter[Any], TypeAdapter[Any], TypeAdapter[Any]]:
    """Pydantic's models of input.

    They are of a ballot as it comes, of the rows of a count message, and of an ingest message as
    receive sends it.
    """
    score = Annotated[int, Field(strict=True, ge=lowest, le=highest)] | None
    scores = Annotated[dict[Literal[aspects], score], Field(min_length=1)]  # type: ignore[valid-type]

    @with_config(ConfigDict(extra="forbid"))
    class RawBallot(TypedDict):
        voter_id: Identifier
        title_id: Identifier
        votes: scores
        ballot_id: NotRequired[Identifier]
        cast_at: NotRequired[Any]

    # Not that a key is missing but that one is wrong is an error here: each would hold all its
    # object as a Python value. Who reads a message counts the keys.
    class SentBallot(TypedDict, total=False):
        voter_id: Identifier
        title_id: Identifier
        votes: scores
        ballot_id: Identifier
        cast_at: Micros

    class SentMessage(TypedDict, total=False):
        v: Annotated[int, Field(strict=True, ge=1, le=1)]
        received_at: Micros
        ballots: Annotated[list[SentBallot], Field(min_length=1), FailFast()]

    row = tuple[Identifier, Identifier, scores, Identifier, Micros]
    rows = Annotated[list[row], FailFast()]
    return TypeAdapter(RawBallot), TypeAdapter(rows), TypeAdapter(SentMessage)
