"""A second vendor is one file: another API, with two levels, other refusals and a plain key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harvest import judging, pages
from harvest.limits import Declaration
from harvest.parcels import SETTLED, Parcel, Task, group_id
from harvest.vendor import Answer, Grant, Listed, Request, Throttle, Vendor, Verdict
from tests.lambda_src.harvest.working import ACCOUNT, RUN, World


class Weather:
    """Stations in pages by cursor, and the reports of each. A 403 refuses, for so many seconds."""

    levels = ("stations", "reports")
    limits = Declaration.model_validate({"limits": [{"calls": 10, "seconds": 1}]})
    throttle = Throttle(frozenset({403}), frozenset(), "X-RateLimit-Reset", "seconds", 600)

    def roots(self) -> Sequence[Task]:
        return [Task("stations")]

    def group(self, name: str) -> Task:
        return Task("reports", (name,))

    def request(self, task: Task, since_ms: int | None) -> Request:
        if task.level == "stations":
            return Request(f"/stations?after={pages.cursor_of(task)}")
        return Request(f"/reports/{task.group}")

    def judge(self, task: Task, answer: Answer, now_seconds: float, window_seconds: float) -> Verdict:
        found = judging.by_status(answer, self.throttle, window_seconds, now_seconds)
        return found or Verdict("ok", body=judging.parsed(answer.body))

    def listed(self, task: Task, body: Any) -> Listed | None:
        if task.level == "reports":
            return None
        return pages.by_cursor(task, [self.group(name) for name in body["stations"]], body["after"])

    def authorised(self, request: Request, access_token: str) -> Request:
        return replace(request, headers={"x-api-key": access_token})

    def grant_request(self, secret: Mapping[str, str], refresh_token: str) -> Request:
        return Request("/whoami", headers={"x-api-key": secret["client_secret"]})

    def grant(self, answer: Answer) -> Grant | None:
        return Grant(json.loads(answer.body)["key"], 86_400.0) if answer.status == 200 else None


class Service:
    """That vendor. It refuses its fourth call."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def call(self, request: Request) -> Answer:
        self.asked.append(request)
        if request.target == "/whoami":
            return Answer(200, {}, json.dumps({"key": f"key-of-{request.headers['x-api-key']}"}).encode())
        assert request.headers == {"x-api-key": "key-of-s3cret"}
        if len(self.asked) == 5:
            return Answer(403, {"x-ratelimit-reset": "30"})
        said: dict[str, Any] = {"report": request.target}
        if request.target.startswith("/stations"):
            first = request.target.endswith("=")
            said = {"stations": ["north", "south"] if first else ["east"], "after": "2" if first else None}
        return Answer(200, {}, json.dumps(said).encode())


def test_it_is_harvested_by_the_same_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    world, service, vendor = World(monkeypatch), Service(), Weather()
    kept: Vendor = vendor  # it has all that is asked of a vendor
    tokens = world.work._calling.tokens
    monkeypatch.setattr(tokens, "_vendor", kept)
    monkeypatch.setattr(tokens, "_calls", service)
    world.work._calling = replace(world.work._calling, vendor=kept, calls=service)
    world.ledger.put_children(RUN, [Parcel("p", tuple(vendor.roots()), level="stations")])
    waiting, reports = ["p"], list[str]()
    while waiting:
        parcel = world.read(waiting.pop(0))
        assert world.handle(world.record(parcel, world.slots(len(parcel.tasks)))) == [{"batchItemFailures": []}]
        done = world.read(parcel.id)
        assert done.state == SETTLED
        waiting += done.child_ids()
        reports += (
            [line["answer"]["report"] for line in world.lines(done.object)]
            if done.level == "reports" and done.object
            else []
        )
    assert sorted(reports) == ["/reports/east", "/reports/north", "/reports/south"]
    assert len(service.asked) == 1 + 2 + 3 + 1, "a key, two pages, three reports, one of them refused once"
    account = world.accounts.get(ACCOUNT)
    assert account.throttles == 1
    assert account.until > world.now_ms
    assert world.read(group_id("east")).group == "east"
