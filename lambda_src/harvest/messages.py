"""Messages between the functions, each with its version: parcel, turn and store."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shared import strict_json
from shared.queues import OutgoingMessage
from shared.versions import require_known

VERSION = 1
MOST_BYTES, MOST_VALUES = 16_384, 500  # of a message of ours: some 700 bytes, 30 values
MOST_TEXT = 512


class Unreadable(Exception):
    """A message that is none of ours; the text says what it lacks."""


class ParcelMessage(NamedTuple):
    """A parcel let out: a slot a task, in their order, in milliseconds since the epoch.

    There may be fewer slots than tasks: the rest is handed back. `stops` is what the account's row
    said when the slots were given.
    """

    run_id: str
    parcel: str
    slots: tuple[float, ...]
    stops: int

    @property
    def claim(self) -> int:
        """What it claims with: claims are ordered as their slots are."""
        return int(self.slots[0])


class TurnMessage(NamedTuple):
    """Wakes the pacer of an account for a turn."""

    account: str
    turn: int


class StoreMessage(NamedTuple):
    """A group whose tasks are all settled; the group "" when the whole run is over."""

    run_id: str
    group: str


def encode_parcel(message: ParcelMessage) -> OutgoingMessage:
    """A parcel's message."""
    slots = [round(slot, 3) for slot in message.slots]
    return OutgoingMessage(
        _body(run_id=message.run_id, parcel=message.parcel, slots=slots, stops=message.stops)
    )


def decode_parcel(body: str) -> ParcelMessage:
    """Read a parcel's message. Raises Unreadable or NewerVersion."""
    read = _envelope(body)
    slots, stops = read.get("slots"), read.get("stops")
    if not isinstance(slots, list) or not slots or not all(map(_is_time, slots)):
        raise Unreadable("a parcel's message has slots, a list of times in ms")
    if type(stops) is not int:
        raise Unreadable("a parcel's message has stops, a whole number")
    return ParcelMessage(_text(read, "run_id"), _text(read, "parcel"), tuple(slots), stops)


def encode_turn(message: TurnMessage, once: str) -> OutgoingMessage:
    """A turn's message, of which the queue takes one that says `once` (within five minutes).

    Each turn is a message group of its own: one whose pacer was killed stays in flight for minutes,
    and must hold up nobody.
    """
    body = _body(account=message.account, turn=message.turn)
    return OutgoingMessage(body, f"turn-{message.turn}", once)


def decode_turn(body: str) -> TurnMessage:
    """Read a turn's message. Raises Unreadable or NewerVersion."""
    read = _envelope(body)
    turn = read.get("turn")
    if type(turn) is not int:
        raise Unreadable("a turn's message has turn, a whole number")
    return TurnMessage(_text(read, "account"), turn)


def encode_store(message: StoreMessage) -> OutgoingMessage:
    """A store's message."""
    return OutgoingMessage(_body(run_id=message.run_id, group=message.group))


def decode_store(body: str) -> StoreMessage:
    """Read a store's message. Raises Unreadable or NewerVersion."""
    read = _envelope(body)
    group = read.get("group")
    if not isinstance(group, str):
        raise Unreadable("a store's message has group, a text")
    return StoreMessage(_text(read, "run_id"), group)


def _body(**fields: str | int | Sequence[float]) -> str:
    return strict_json.canonical({"v": VERSION, **fields})


def _envelope(body: str) -> Mapping[str, Any]:
    if len(body) > MOST_BYTES:
        raise Unreadable(f"a message of {len(body)} characters is none of ours")
    try:
        read = strict_json.loads(body, MOST_VALUES)
    except ValueError as error:
        raise Unreadable(f"the message is not JSON: {error}") from None
    if not isinstance(read, dict) or type(read.get("v")) is not int:
        raise Unreadable("a message is an object with v, its version")
    require_known("a message", read["v"], VERSION)
    return read


def _text(read: Mapping[str, Any], name: str) -> str:
    value = read.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MOST_TEXT:
        raise Unreadable(f"the message has {name}, a text of 1 to {MOST_TEXT} characters")
    return value


def _is_time(value: object) -> bool:
    return type(value) in (int, float) and 0 < value < 1e14  # type: ignore[operator]
