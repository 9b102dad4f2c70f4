"""The stand-in's core, by a clock of the test's: what it lists, permits, fails and notes, and what
its judge makes of that.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tools.local_cloud.vendor.estate import calls_of, unequal
from tools.local_cloud.vendor.judge import judge, most_in_any_window, over_limit
from tools.local_cloud.vendor.limits import window
from tools.local_cloud.vendor.settings import Limit, Settings
from tools.local_cloud.vendor.vendor import Answer, Vendor

NOW = 1_796_007_600.0


class World:
    """A stand-in with a clock, and a client that has a token."""

    def __init__(self, **said: Any) -> None:
        self.now = NOW
        self.vendor = Vendor(Settings().changed(said), lambda: self.now, "s3cret")
        self.headers = {"authorization": f"Bearer {self.token()['access_token']}"}

    def token(self, **asked: str) -> Any:
        form = asked or {"grant_type": "client_credentials", "client_id": "sluice", "client_secret": "s3cret"}
        body = "&".join(f"{name}={value}" for name, value in form.items()).encode()
        return json.loads(self.vendor.answer("POST", "/oauth/token", {}, body).body)

    def get(self, target: str) -> Answer:
        return self.vendor.answer("GET", target, self.headers)

    def read(self, target: str) -> Any:
        answer = self.get(target)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def harvest(self, seconds: float = 1.0) -> None:
        """Call everything once, so many seconds apart, as a plain client does."""
        cursor: str | None = ""
        while cursor is not None:
            page = self._next(f"/v1/groups?cursor={cursor}" if cursor else "/v1/groups", seconds)
            for group in page["groups"]:
                self._harvest_group(f"/v1/groups/{group['name']}/hosts", seconds)
            cursor = page["next"]

    def _harvest_group(self, path: str, seconds: float) -> None:
        hosts, offset, total = list[str](), 0, 1
        while offset < total:
            page = self._next(f"{path}?offset={offset}&limit=100", seconds)
            hosts += [host["name"] for host in page["hosts"]]
            offset, total = offset + 100, page["total"]
        for host in hosts:
            for data_group in self._next(f"{path}/{host}/data-groups", seconds)["data_groups"]:
                self._next(f"{path}/{host}/data-groups/{data_group['name']}/data", seconds)

    def _next(self, target: str, seconds: float) -> Any:
        self.now += seconds
        return self.read(target)


def test_it_lists_groups_by_cursor_and_hosts_by_offset() -> None:
    world = World(groups={f"g{n}": n for n in range(7)}, groups_page=3, hosts_page=4)
    first = world.read("/v1/groups")
    assert [one["name"] for one in first["groups"]] == ["g0", "g1", "g2"]
    second = world.read(f"/v1/groups?cursor={first['next']}")
    third = world.read(f"/v1/groups?cursor={second['next']}")
    assert ([one["name"] for one in third["groups"]], third["next"]) == (["g6"], None)
    assert world.get("/v1/groups?cursor=nobody's").status == 400
    page = world.read("/v1/groups/g6/hosts?offset=4")
    assert ([one["name"] for one in page["hosts"]], page["total"]) == (["g6-host-00004", "g6-host-00005"], 6)
    assert world.get("/v1/groups/none/hosts").status == 404


def test_what_it_has_follows_from_the_seed() -> None:
    def everything(seed: int) -> list[str]:
        world = World(seed=seed, groups={"a": 5, "b": 2})
        world.harvest()
        return [seen.node for seen in world.vendor.log]

    assert everything(1) == everything(1) != everything(2)


def test_groups_are_of_very_unequal_size_and_as_many_calls_as_asked() -> None:
    groups = unequal(1, 12, 5000)
    assert max(groups.values()) > 10 * min(groups.values())
    calls = calls_of(Settings(groups=groups))
    assert calls["groups"] == 1
    assert calls["data groups"] == sum(groups.values())
    assert 4500 < sum(calls.values()) < 5500


def test_the_judge_finds_a_whole_harvest_complete_and_each_gap_and_each_repeat() -> None:
    world = World(groups={"a": 5, "b": 3}, limits=[{"calls": 2, "seconds": 2}])
    world.harvest()
    found = judge(world.vendor)
    assert found.is_complete
    assert {level: there for level, (there, _) in found.complete.items()} == calls_of(world.vendor.settings)
    assert (found.throttled, found.over, found.repeated) == (0, 0, {})
    lost = world.vendor.log.pop(4)
    assert not judge(world.vendor).is_complete
    assert judge(world.vendor).missing == [lost.node]
    world.vendor.log += [lost, lost]
    assert judge(world.vendor).repeated == {lost.node: 1}


@pytest.mark.parametrize("kind", ["fixed", "sliding", "bucket"])
def test_a_limit_lets_so_many_pass_and_says_how_long_to_wait(kind: str) -> None:
    limit = Limit(10, 5.0, kind)
    one = window(limit)
    for n in range(10):
        assert one.wait(100.0 + n / 100) == 0
        one.take(100.0 + n / 100)
    wait = one.wait(100.1)
    assert 0 < wait <= 5.0
    assert one.wait(100.1 + wait - 0.02) > 0, "not before"
    assert one.wait(100.1 + wait) == 0


@pytest.mark.parametrize("kind", ["fixed", "sliding", "bucket"])
def test_the_judge_counts_over_limit_calls_as_the_limit_does(kind: str) -> None:
    world = World(groups={"a": 9}, limits=[{"calls": 5, "seconds": 2.0, "window": kind}])
    for n in range(200):
        world.now += (0.1, 0.9, 0.25, 0.05)[n % 4]
        world.get("/v1/groups")
    found = judge(world.vendor)
    assert found.over == found.throttled > 20


def test_limits_differ_where_they_should() -> None:
    """A burst at each side of a fixed window's edge passes there alone."""
    arrivals = [9.9, 9.95, 10.0, 10.05]
    assert over_limit(arrivals, Limit(2, 10.0, "fixed")) == 0
    assert over_limit(arrivals, Limit(2, 10.0, "fixed", phase=9.8)) == 2
    assert over_limit(arrivals, Limit(2, 10.0, "sliding")) == 2
    assert over_limit(arrivals, Limit(2, 10.0, "bucket")) == 2
    assert most_in_any_window(arrivals, Limit(2, 10.0)) == 4


@pytest.mark.parametrize("form", ["seconds", "date", "epoch", "left", "list", "fraction", "rubbish", "none"])
def test_a_429_says_when_to_come_again_in_every_form(form: str) -> None:
    world = World(limits=[{"calls": 1, "seconds": 30.0}], wait=form)
    world.get("/v1/groups")
    answer = world.get("/v1/groups")
    assert answer.status == 429
    assert bool({"retry-after", "x-ratelimit-reset"} & answer.headers.keys()) == (form != "none")


def test_more_calls_at_once_than_it_bears_are_refused() -> None:
    world = World(concurrency=2, latency=[1.0, 1.0])
    assert [world.get("/v1/groups").status for _ in range(3)] == [200, 200, 429]
    world.now += 1.1
    assert world.get("/v1/groups").status == 200


def test_it_closes_and_opens() -> None:
    world = World(closed=[10, 3610], token_seconds=7200)
    assert world.get("/v1/groups").status == 200
    world.now += 10
    answer = world.get("/v1/groups")
    assert (answer.status, answer.headers["retry-after"]) == (429, "3601")
    world.now += 3600
    assert world.get("/v1/groups").status == 200


def test_a_share_of_calls_fails_is_slow_or_holds_an_error_and_the_next_try_is_another_one() -> None:
    world = World(groups={"a": 400}, errors=0.1, slow=0.1, errors_in_ok=0.1, limits=[{"calls": 1000, "seconds": 1}])
    answers = [world.get(f"/v1/groups/a/hosts/a-host-{n:05}/data-groups") for n in range(400)]
    shares = [
        sum(answer.status == 503 for answer in answers),
        sum(answer.latency == 30 for answer in answers),
        sum(answer.status == 200 and b'"error"' in answer.body for answer in answers),
    ]
    assert all(20 < share < 60 for share in shares), shares
    wrong = [n for n, seen in enumerate(world.vendor.log) if not seen.right]
    again = [world.get(world.vendor.log[n].node) for n in wrong]
    assert sum(answer.status == 200 for answer in again) > len(again) / 2
    assert judge(world.vendor).repeated == {}, "what failed was no right answer"


def test_an_answer_that_is_slow_on_purpose_may_be_asked_for_again() -> None:
    world = World(slow=1.0, slow_seconds=30)
    for _ in range(3):
        world.get("/v1/groups")
    assert judge(world.vendor).repeated == {}
    world.vendor.change({"slow": 0.0})
    for _ in range(3):
        world.get("/v1/groups")
    assert judge(world.vendor).repeated == {"/v1/groups": 2}


def test_hosts_vanish_and_appear() -> None:
    world = World(groups={"a": 200}, vanish=0.2, appear=0.2, life=100)
    before = {host["name"] for host in world.read("/v1/groups/a/hosts?limit=1000")["hosts"]}
    world.now += 101
    after = {host["name"] for host in world.read("/v1/groups/a/hosts?limit=1000")["hosts"]}
    assert len(before - after) > 20
    assert len(after - before) > 20
    assert world.get(f"/v1/groups/a/hosts/{min(before - after)}/data-groups").status == 404


def test_a_group_may_be_added_and_is_looked_for_from_then_on() -> None:
    world = World(groups={"a": 1})
    world.harvest()
    world.vendor.estate.add("late", 2, world.now - NOW)
    assert not judge(world.vendor).is_complete
    world._harvest_group("/v1/groups/late/hosts", 0.1)
    assert judge(world.vendor).is_complete


def test_tokens_end_are_revoked_and_refresh_tokens_are_good_once() -> None:
    world = World(token_seconds=60)
    first = world.token()
    second = world.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert second["expires_in"] == 60
    assert world.token(grant_type="refresh_token", refresh_token=first["refresh_token"])["error"] == "invalid_grant"
    assert world.vendor.tokens.reused == 1
    assert world.token(grant_type="client_credentials", client_id="sluice", client_secret="x")["error"]
    world.now += 61
    assert world.get("/v1/groups").status == 401
    world.headers = {"authorization": f"Bearer {world.token()['access_token']}"}
    assert world.get("/v1/groups").status == 200
    world.vendor.tokens.revoke()
    assert world.get("/v1/groups").status == 401


def test_settings_change_while_it_runs_and_wrong_ones_are_refused() -> None:
    world = World(limits=[{"calls": 1, "seconds": 60}])
    assert [world.get("/v1/groups").status for _ in range(2)] == [200, 429]
    world.vendor.change({"limits": [{"calls": 2, "seconds": 60}]})
    assert [world.get("/v1/groups").status for _ in range(3)] == [200, 200, 429]
    for wrong in ({"sped": 1}, {"limits": [{"calls": 0, "seconds": 1}]}, {"limits": [{"call": 1}]}, {"wait": "x"}):
        with pytest.raises(ValueError, match=r"\w"):
            world.vendor.change(wrong)


def test_a_cursor_may_come_back_and_an_answer_may_be_no_json() -> None:
    world = World(groups={"a": 1, "b": 1}, groups_page=1, repeat_cursor=True, poison=["cpu"])
    cursor = world.read("/v1/groups")["next"]
    assert world.read(f"/v1/groups?cursor={cursor}")["next"] == cursor
    body = world.get("/v1/groups/a/hosts/a-host-00000/data-groups/cpu/data").body
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(body)
