"""What people ask of runs, by HTTP and by the schedule: strict and bounded, or refused in words."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared import http, strict_json
from shared.http import HttpError

MOST_BYTES, MOST_VALUES = 262_144, 2_000
MOST_GROUPS = 1_000  # given by hand in one request
MOST_SHOWN = 64

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Group = Annotated[str, StringConstraints(min_length=1, max_length=256)]

M = TypeVar("M", bound=BaseModel)


class StartRequest(BaseModel):
    """A run to start. Without `groups` it is of all groups that the vendor lists.

    `if_running`: what to do while a run of that name is under way: refuse, add the groups to it, or
    start another one beside it. `since`: ask only for what changed since the last complete run of
    that name began. `cap`: the most calls it may come to know before it asks; `rate`: the most
    calls a second.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    name: Name
    groups: list[Group] | None = Field(default=None, min_length=1, max_length=MOST_GROUPS)
    if_running: Literal["refuse", "add", "another"] = "refuse"
    since: bool = False
    cap: int | None = Field(default=None, ge=1, le=10**9)
    rate: float | None = Field(default=None, gt=0, le=1e6)


class RateRequest(BaseModel):
    """The most calls a second from now on; null: what the vendor permits."""

    model_config = ConfigDict(extra="forbid", strict=True)
    rate: float | None = Field(gt=0, le=1e6)


class ResumeRequest(BaseModel):
    """A run goes on; with a `cap`, it may come to know so many calls."""

    model_config = ConfigDict(extra="forbid", strict=True)
    cap: int | None = Field(default=None, ge=1, le=10**9)


class NothingRequest(BaseModel):
    """A request that says nothing more."""

    model_config = ConfigDict(extra="forbid", strict=True)


def body_of(event: dict[str, Any], model: type[M]) -> M:
    """The request's body. Where nothing in it is needed, there may be none.

    Raises HttpError.
    """
    if not event.get("body") and not any(f.is_required() for f in model.model_fields.values()):
        return model()
    text = http.json_text(event, MOST_BYTES, f"name at most {MOST_GROUPS} groups in a request")
    try:
        read = strict_json.loads(text, MOST_VALUES)
    except ValueError as error:
        raise HttpError(400, "not-json", f"the body is not JSON: {error}") from None
    return read_as(model, read)


def read_as(model: type[M], value: object) -> M:
    """A JSON value as a model. Raises HttpError 400, which names what is wrong first."""
    if isinstance(value, strict_json.Duplicated):
        raise HttpError(400, "duplicate-key", f"the body has the key {shown(value.key())} twice")
    if not isinstance(value, dict):
        raise HttpError(400, "not-an-object", "the body must be an object")
    try:
        return model.model_validate(strict_json.narrowed(value, model.model_fields))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(
            shown(part) if isinstance(part, str) else str(part) for part in first["loc"]
        )
        raise HttpError(400, "bad-field", f"{where}: {first['msg']}") from None


def shown(text: str) -> str:
    """A text of a stranger's as a message may show it."""
    visible = "".join(char if char.isprintable() else "\ufffd" for char in text[:MOST_SHOWN])
    return f'"{visible}{"…" if len(text) > MOST_SHOWN else ""}"'
