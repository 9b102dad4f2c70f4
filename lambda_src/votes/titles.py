"""The list of the most voted and the best titles, a page of the ranking that rank has put."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from shared import clients, clock
from shared.http import HttpError
from shared.visible import shown
from votes import ranking, stamps
from votes.ranking import ORDERS, Histogram, Place, Ranking

SECONDS_KEPT = 30
MOST, USUAL = 100, 20  # titles of a page
PARAMETERS = ("aspect", "cursor", "limit", "order")
_LIMIT = re.compile(r"[1-9][0-9]{0,2}").fullmatch
_CURSOR = re.compile(r"([a-z-]{1,16})/([A-Za-z0-9_-]{0,64})/([1-9][0-9]{0,4})").fullmatch

Json = dict[str, Any]


class Asked(NamedTuple):
    """What a request asks for: `limit` titles of an order, after so many (aspect None: all)."""

    order: str
    aspect: str | None
    limit: int
    after: int


class Rankings:
    """The bucket that rank puts the ranking in; a worker reads it every few seconds at most."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket
        self._kept: tuple[Ranking | None, float] = (None, 0.0)

    def latest(self) -> Ranking | None:
        """The ranking; None before the first. Raises NewerVersion or the client's errors."""
        kept, until = self._kept
        now = clock.monotonic()
        if until <= now:
            kept = self._read()
            self._kept = (kept, now + SECONDS_KEPT)
        return kept

    def _read(self) -> Ranking | None:
        # The client is made here: who asks for a title's results needs none.
        try:
            answer = clients.client("s3").get_object(Bucket=self._bucket, Key=ranking.KEY)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NoSuchKey":
                return None
            raise
        return ranking.decode(answer["Body"].read())


def asked(event: Mapping[str, Any], aspects: Sequence[str]) -> Asked:
    """What a request's query asks for. Raises HttpError 400."""
    query: Mapping[str, str] = event.get("queryStringParameters") or {}
    unknown = next((name for name in query if name not in PARAMETERS), None)
    if unknown is not None:
        raise _bad(f"there is no parameter {shown(unknown)}: use {', '.join(PARAMETERS)}")
    order, aspect = query.get("order", ORDERS[0]), query.get("aspect")
    if order not in ORDERS:
        raise _bad(f"order must be {' or '.join(ORDERS)}; got {shown(order)}")
    if aspect is not None and aspect not in aspects:
        raise _bad(f"aspect must be one of {', '.join(aspects)}; got {shown(aspect)}")
    limit = query.get("limit", str(USUAL))
    if not _LIMIT(limit) or int(limit) > MOST:
        raise _bad(f"limit must be a whole number, 1 to {MOST}; got {shown(limit)}")
    return Asked(order, aspect, int(limit), _after(query.get("cursor"), order, aspect))


def answer_of(wanted: Asked, latest: Ranking | None, aspects: Sequence[str]) -> Json:
    """The answer's body; an empty list before the first ranking.

    A cursor is a place: where the titles were ranked again between two pages, `as_of` is another,
    and a title that changed places may come twice, or not at all.
    """
    places = latest.places.get((wanted.order, wanted.aspect), []) if latest else []
    end = wanted.after + wanted.limit
    return {
        "order": wanted.order,
        "aspect": wanted.aspect,
        "titles": [
            _said(number, place, aspects)
            for number, place in enumerate(places[wanted.after : end], wanted.after + 1)
        ],
        "as_of": stamps.to_rfc3339(latest.as_of) if latest and latest.as_of else None,
        "next": _cursor(wanted, end) if end < len(places) else None,
    }


def _said(number: int, place: Place, aspects: Sequence[str]) -> Json:
    title = place.title
    none = Histogram(0, 0, 0.0)  # where the ranking is older than an aspect
    said = {aspect: title.aspects.get(aspect, none) for aspect in aspects}
    return {
        "place": number,
        "title_id": title.title_id,
        "voters": title.voters,
        "ranked_by": place.by,
        "aspects": {
            aspect: {
                "votes": one.votes,
                "mean": round(one.total / one.votes, 4) if one.votes else None,
            }
            for aspect, one in said.items()
        },
    }


def _cursor(wanted: Asked, after: int) -> str:
    """Where the next page begins; no client need know what is in it."""
    text = f"{wanted.order}/{wanted.aspect or ''}/{after}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _after(cursor: str | None, order: str, aspect: str | None) -> int:
    if cursor is None:
        return 0
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True).decode(
            "ascii"
        )
    except ValueError:
        text = ""
    read = _CURSOR(text)
    if read is None or (read[1], read[2]) != (order, aspect or ""):
        raise _bad(
            "cursor must be the `next` of a page of the same order and aspect; "
            f"got {shown(cursor)}: leave it out to start at the first place"
        )
    return int(read[3])


def _bad(message: str) -> HttpError:
    return HttpError(400, "bad-query", message)
