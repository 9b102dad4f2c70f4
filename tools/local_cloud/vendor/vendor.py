"""The stand-in's core: a request in, an answer out, by a clock that is given.

Its API is documented in docs/harvest/vendor.md. It notes every call; `judge` reads that.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from tools.local_cloud.vendor.estate import Estate, chances
from tools.local_cloud.vendor.limits import Window, window
from tools.local_cloud.vendor.settings import Settings
from tools.local_cloud.vendor.tokens import TOKEN_PATH, Tokens

Json = dict[str, Any]
PATH = re.compile(r"/v1/groups(?:/(?P<group>[^/]+)/hosts(?:/(?P<host>[^/]+)/data-groups(?:/(?P<data>[^/]+)/data)?)?)?")
LEVELS = ("groups", "hosts", "data groups", "data")
MOST_A_PAGE = 1000


class Answer(NamedTuple):
    """What is answered, and how long that takes (seconds)."""

    status: int
    headers: dict[str, str]
    body: bytes
    latency: float


class Seen(NamedTuple):
    """A call in the log: when it arrived (seconds since the epoch), what it asked, what it got.

    `node` is its path and query. `limited`: it came over a limit, or while all is closed; `right`:
    it was answered as it should be, with what is there or that it is not. `slow`: on purpose, so
    that whoever asked may have given up.
    """

    at: float
    level: str
    node: str
    status: int
    limited: bool
    right: bool
    slow: bool = False


class Place(NamedTuple):
    """What a path names."""

    level: str
    group: str
    host: str
    data_group: str


class Vendor:
    """The stand-in of one vendor account. `clock`: seconds since the epoch."""

    def __init__(self, settings: Settings, clock: Callable[[], float], client_secret: str) -> None:
        self.settings, self.began = settings, clock()
        self.estate = Estate(settings)
        self.tokens = Tokens(settings, client_secret)
        self.log: list[Seen] = []
        self._clock, self._windows = clock, _windows(settings)
        self._asked: Counter[str] = Counter()
        self._under_way: list[float] = []

    def change(self, said: Mapping[str, Any]) -> None:
        """Go on with some settings otherwise; windows begin anew where the limits change.

        Raises ValueError.
        """
        changed = self.settings.changed(said)
        if "limits" in said:
            self._windows = _windows(changed)
        if {"groups", "seed", "data_groups", "vanish", "appear", "life"} & said.keys():
            self.estate = Estate(changed)
        self.settings = self.tokens.settings = changed

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Answer a request for a path and query; headers by their names in lower case."""
        now, (path, query) = self._clock(), _split(target)
        if path == TOKEN_PATH:
            status, said = self.tokens.grant(method, body, now)
            return self._told(status, said, now, self.settings.latency[0])
        matched = PATH.fullmatch(path)
        if method != "GET" or not matched:
            return self._told(404, _error("no-such-route", "see docs/harvest/vendor.md"), now, 0.0)
        group, host, data_group = (unquote(matched[name] or "") for name in ("group", "host", "data"))
        level = LEVELS[bool(group) + bool(host) + bool(data_group)]
        nth = self._asked[target] = self._asked[target] + 1
        lucky = chances(self.settings.seed, target, nth)
        answer, how = self._answered(Place(level, group, host, data_group), query, headers, now, lucky)
        slow = how != "limited" and lucky[1] < self.settings.slow
        self.log.append(Seen(now, level, target, answer.status, how == "limited", how == "right", slow))
        self._under_way.append(now + answer.latency)
        return answer

    def _answered(
        self,
        place: Place,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        now: float,
        lucky: tuple[float, float, float, float],
    ) -> tuple[Answer, str]:
        """What is answered, and how that is: "right", "limited" or "wrong"."""
        low, high = self.settings.latency
        latency = low + lucky[0] * (high - low)
        if wait := self._wait(now):
            said = _error("too-many-requests", "the limit of this account is reached")
            return self._told(429, said, now, low, _wait_headers(self.settings.wait, wait, now)), "limited"
        for one in self._windows:
            one.take(now)
        if not self.tokens.holds(headers.get("authorization", ""), now):
            return self._told(401, _error("unauthorised", "the token is not known, or over"), now, low), "wrong"
        if lucky[1] < self.settings.slow:
            latency = self.settings.slow_seconds
        if lucky[2] < self.settings.errors:
            return self._told(503, _error("unavailable", "try again"), now, latency), "wrong"
        if lucky[3] < self.settings.errors_in_ok:
            return self._told(200, _error("temporarily-unavailable", "try again"), now, latency), "wrong"
        status, found = self._found(place, query, now)
        if place.level == "data" and place.data_group in self.settings.poison:
            return Answer(200, {"content-type": "application/json"}, b'{"points": [', latency), "wrong"
        left = min((one.left(now) for one in self._windows), default=None)
        more = {} if left is None else {"x-ratelimit-remaining": str(left)}
        return self._told(status, found, now, latency, more), "right"

    def _wait(self, now: float) -> float:
        """0 where a call may pass, else the seconds until one may."""
        opened, closes = self.began + self.settings.closed[1], self.began + self.settings.closed[0]
        if closes <= now < opened:
            return opened - now
        if self.settings.concurrency:
            self._under_way = [end for end in self._under_way if end > now]
            if len(self._under_way) >= self.settings.concurrency:
                return max(0.001, min(self._under_way) - now)
        return max((one.wait(now) for one in self._windows), default=0.0)

    def _found(self, place: Place, query: Mapping[str, str], now: float) -> tuple[int, Json]:
        """Status and body of a right answer."""
        at = now - self.began
        if place.level == "groups":
            return self._groups(query, at)
        hosts = self.estate.hosts(place.group, at)
        if hosts is None:
            return 404, _error("no-such-group", "there is no such group")
        if place.level == "hosts":
            offset = _whole(query, "offset", 0)
            limit = min(MOST_A_PAGE, _whole(query, "limit", self.settings.hosts_page))
            page = [{"name": host.name} for host in hosts[offset : offset + limit]]
            return 200, {"group": place.group, "total": len(hosts), "offset": offset, "hosts": page}
        if not self.estate.host(place.group, place.host, at):
            return 404, _error("no-such-host", "there is no such host")
        return self._of_host(place, query)

    def _of_host(self, place: Place, query: Mapping[str, str]) -> tuple[int, Json]:
        names = self.estate.data_groups(place.group, place.host)
        said = {"group": place.group, "host": place.host}
        if place.level == "data groups":
            return 200, {**said, "data_groups": [{"name": name} for name in names]}
        if place.data_group not in names:
            return 404, _error("no-such-data-group", "there is no such data group")
        points = self.estate.points(place.group, place.host, place.data_group)
        return 200, {**said, "data_group": place.data_group, "since": query.get("since"), "points": points}

    def _groups(self, query: Mapping[str, str], at: float) -> tuple[int, Json]:
        try:
            start = int(base64.urlsafe_b64decode(query.get("cursor", "") + "=="))
        except ValueError:
            start = 0
            if query.get("cursor"):
                return 400, _error("bad-cursor", "this cursor was not given here")
        names, end = self.estate.groups(at), start + self.settings.groups_page
        cursor = _cursor(start if self.settings.repeat_cursor else end) if end < len(names) else None
        return 200, {"groups": [{"name": name} for name in names[start:end]], "next": cursor}

    def _told(
        self, status: int, said: Json, now: float, latency: float, more: Mapping[str, str] | None = None
    ) -> Answer:
        date = format_datetime(datetime.fromtimestamp(int(now), UTC), usegmt=True)
        headers = {"content-type": "application/json", "date": date, **(more or {})}
        return Answer(status, headers, json.dumps(said, separators=(",", ":")).encode(), latency)


def _windows(settings: Settings) -> list[Window]:
    return [window(limit) for limit in settings.limits]


def _error(code: str, message: str) -> Json:
    return {"error": {"code": code, "message": message}}


def _split(target: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(target)
    return parts.path, dict(parse_qsl(parts.query))


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(str(start).encode()).decode().rstrip("=")


def _wait_headers(form: str, seconds: float, now: float) -> dict[str, str]:
    """A wait, said in one of the ways that vendors have."""
    whole = max(1, int(seconds) + 1)
    until = datetime.fromtimestamp(int(now) + whole + 1, UTC)
    said = {
        "seconds": {"retry-after": str(whole)},
        "date": {"retry-after": format_datetime(until, usegmt=True)},
        "epoch": {"x-ratelimit-reset": str(int(now) + whole + 1)},
        "left": {"x-ratelimit-reset": str(whole)},
        "list": {"retry-after": f"{whole}, {whole + 1}"},
        "fraction": {"retry-after": f"{seconds:.3f}"},
        "rubbish": {"retry-after": "soon"},
        "none": {},
    }
    return said[form]
