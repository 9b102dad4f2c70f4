"""A monitoring vendor: groups, their hosts, the hosts' data groups, data.

All that is known of its API is in this file; docs/harvest/vendor.md has it for people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from harvest import judging, pages
from harvest.judging import Unreadable
from harvest.limits import Declaration
from harvest.parcels import Task
from harvest.vendor import (
    Answer,
    Grant,
    GrantUnclear,
    Listed,
    Request,
    Throttle,
    Verdict,
)

GROUPS, HOSTS, DATA_GROUPS, DATA = "groups", "hosts", "data groups", "data"
HOSTS_A_PAGE = 500
TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
# errors that an answer with status 200 may hold, and that pass
PASSING = frozenset({"temporarily-unavailable", "timeout", "overloaded"})
THROTTLED = "too-many-requests"


class Monitor:
    """See `harvest.vendor.Vendor`."""

    levels = (GROUPS, HOSTS, DATA_GROUPS, DATA)
    # 1,000 calls a minute of the account. Declared as a minute, not as a sixtieth of it a second:
    # the longer the window, the less of the rate goes to the margin.
    limits = Declaration.model_validate({"limits": [{"calls": 1000, "seconds": 60}]})
    # A 429 says the seconds in Retry-After, or the time in X-RateLimit-Reset; 503 is its overload.
    throttle = Throttle(statuses=frozenset({429}), with_wait=frozenset({503}))

    def roots(self) -> Sequence[Task]:
        """The listing of all groups."""
        return [Task(GROUPS)]

    def group(self, name: str) -> Task:
        """The listing of a group's hosts."""
        return Task(HOSTS, (name,))

    def request(self, task: Task, since_ms: int | None) -> Request:
        """GET, all of them."""
        path = "/v1/groups"
        for part, below in zip(task.path, ("hosts", "data-groups", "data"), strict=False):
            path += f"/{quote(part, safe='')}/{below}"
        query: dict[str, object] = {}
        if task.level == GROUPS and task.page:
            query["cursor"] = pages.cursor_of(task)
        elif task.level == HOSTS:
            query |= {"offset": pages.offset_of(task), "limit": HOSTS_A_PAGE}
        elif task.level == DATA and since_ms is not None:
            query["since"] = since_ms // 1000
        return Request(path + (f"?{urlencode(query)}" if query else ""))

    def judge(
        self, task: Task, answer: Answer, now_seconds: float, window_seconds: float
    ) -> Verdict:
        """By status, and a 200 by what is in it."""
        verdict = judging.by_status(answer, self.throttle, window_seconds, now_seconds)
        if verdict is not None:
            return verdict
        try:
            body = judging.parsed(answer.body)
            if not isinstance(body, dict):
                raise Unreadable("the answer is no object")
            if "error" in body:
                return self._error(body["error"], answer, now_seconds, window_seconds)
            _require(task, body)
        except Unreadable:
            return Verdict("failed", "unreadable")
        return Verdict("ok", body=body)

    def _error(
        self, error: object, answer: Answer, now_seconds: float, window_seconds: float
    ) -> Verdict:
        """An error within a 200: a throttle, or one that passes, or one that stays."""
        code = error.get("code") if isinstance(error, dict) else None
        if code == THROTTLED:
            refused = replace(answer, status=429)
            throttled = judging.wait_of(refused, self.throttle, window_seconds, now_seconds)
            if throttled:
                return replace(throttled, cause="error-in-answer")
        return Verdict("again" if code in PASSING else "failed", "error-in-answer")

    def listed(self, task: Task, body: Any) -> Listed | None:
        """Groups by cursor, hosts by offset, data groups at once."""
        if task.level == GROUPS:
            found = [self.group(name) for name in judging.names(body["groups"])]
            return pages.by_cursor(task, found, body.get("next"))
        if task.level == HOSTS:
            hosts = judging.names(body["hosts"])
            return pages.by_offset(
                task, hosts, body["total"], lambda name: Task(DATA_GROUPS, (*task.path, name))
            )
        if task.level == DATA_GROUPS:
            names = judging.names(body["data_groups"])
            return Listed([Task(DATA, (*task.path, name)) for name in names])
        return None

    def authorised(self, request: Request, access_token: str) -> Request:
        """With the token as a bearer's."""
        held = {"authorization": f"Bearer {access_token}"}
        return replace(request, headers={**request.headers, **held})

    def grant_request(self, secret: Mapping[str, str], refresh_token: str) -> Request:
        """A form of RFC 6749."""
        if refresh_token:
            form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        else:
            form = {"grant_type": "client_credentials", "client_secret": secret["client_secret"]}
        form["client_id"] = secret["client_id"]
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return Request(TOKEN_PATH, "POST", headers, urlencode(form).encode())

    def grant(self, answer: Answer) -> Grant | None:
        """What was given; 400 and 401 are refusals."""
        if answer.status in (400, 401, 403):
            return None
        try:
            said = judging.parsed(answer.body) if answer.status == 200 else {}
            return Grant(
                said["access_token"], float(said["expires_in"]), said.get("refresh_token", "")
            )
        except (Unreadable, KeyError, TypeError, ValueError) as error:
            cause = answer.cause or f"http-{answer.status}"
            raise GrantUnclear(f"the vendor gave no token: {cause}") from error


def _require(task: Task, body: Mapping[str, Any]) -> None:
    """Raises Unreadable where an answer lacks what its level documents."""
    if task.level == GROUPS:
        judging.names(body.get("groups"))
    elif task.level == HOSTS:
        judging.names(body.get("hosts"))
        if type(body.get("total")) is not int:
            raise Unreadable("the answer has no total")
    elif task.level == DATA_GROUPS:
        judging.names(body.get("data_groups"))
    elif not isinstance(body.get("points"), list):
        raise Unreadable("the answer has no points")
