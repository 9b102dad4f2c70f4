"""store: a finished group becomes few objects and a manifest, once; a run says what it holds."""

from __future__ import annotations

import gzip
import itertools
import json
from types import SimpleNamespace
from typing import Any

import pytest

from harvest import merging, results, store
from harvest.parcels import group_id, parcel_of
from harvest.run_rows import COMPLETED, RUNNING, Run
from tests.lambda_src.harvest.storing import Stored
from tests.lambda_src.harvest.working import ACCOUNT, PACE, RUN
from tests.lambda_src.stack import Context
from tools.simulation.aws.calls import Call

DONE: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Stored:
    return Stored(monkeypatch).harvest()


def test_a_group_is_merged_by_level_with_a_manifest(world: Stored) -> None:
    assert world.merge("b/ü") == DONE
    manifest = world.object(results.manifest_key(RUN, "b/ü"))
    hosts = [host.name for host in world.vendor.estate.all_hosts("b/ü")]
    data = [(host, name) for host in hosts for name in world.vendor.estate.data_groups("b/ü", host)]
    zero = {"gone": 0, "failed": 0}
    assert manifest["counts"] == {
        "hosts": {"expected": 1, "ok": 1, **zero},
        "data groups": {"expected": 2, "ok": 2, **zero},
        "data": {"expected": len(data), "ok": len(data), **zero},
    }
    assert {(one["level"], one["lines"]) for one in manifest["objects"]} == {
        ("hosts", 1),
        ("data groups", 2),
        ("data", len(data)),
    }
    folder = f"data/run={RUN}/group=b%2F%C3%BC/level="
    assert {one["key"] for one in manifest["objects"]} == {
        f"{folder}{level}/part-00000.jsonl.gz" for level in ("hosts", "data%20groups", "data")
    }
    assert {tuple(line["path"][1:]) for line in world.data("data", "b/ü")} == set(data)
    (one,) = {tuple(line["answer"]["points"][0]) for line in world.data("data", "b/ü")}
    assert set(one) == {"at", "value"}
    paths = manifest["shapes"]["data"]["paths"]
    assert "points[].value number" in paths
    assert "since nothing" in paths


def test_answers_stand_in_it_as_they_came(world: Stored) -> None:
    world.merge("a")
    line = world.data("hosts", "a")[0]
    target = "/v1/groups/a/hosts?offset=0&limit=500"
    assert line["answer"] == json.loads(world.vendor.answer("GET", target, {"authorization": _token(world)}).body)
    assert line["level"] == "hosts"
    assert line["called_ms"] > 1_796_007_600_000


def _token(world: Stored) -> str:
    tokens = world.work._calling.tokens
    return f"Bearer {tokens.current(tokens.state()).value}"


def test_it_is_merged_once_and_whoever_is_second_writes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PACE, "tasks_a_parcel", 2)
    hours = itertools.count(1)
    monkeypatch.setattr(gzip, "time", SimpleNamespace(time=lambda: 3600 * next(hours)))
    world = Stored(monkeypatch).harvest()
    world.merge("a")
    assert len([key for key in world.cloud.s3.buckets["results"] if key.startswith("parcels/")]) > 10
    before = dict(world.cloud.s3.buckets["results"])
    assert world.ledger.parcels(RUN, [_group("a")])[_group("a")].stored
    world.calls.clear()
    assert world.merge("a") == DONE
    assert [call.operation for call in world.calls] == ["GetObject", "UpdateItem"]
    key = results.manifest_key(RUN, "a")
    del world.cloud.s3.buckets["results"][key]
    world.stage.now += 9_000_000
    world.merge("a")
    after = world.cloud.s3.buckets["results"]
    assert {key: one.body for key, one in after.items()} == {key: one.body for key, one in before.items()}


def test_two_at_once_leave_one_manifest(world: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's is written between our look and our write."""
    key = results.manifest_key(RUN, "a")

    def other(call: Call) -> None:
        if call.operation == "PutObject" and call.params["Key"] == key:
            world.cloud.s3.buckets["results"].setdefault(key, world.cloud.s3.buckets["results"][some])._replace(
                put_at=0
            )

    some = next(iter(world.cloud.s3.buckets["results"]))
    monkeypatch.setattr(world, "before", other)
    assert world.merge("a") == DONE
    assert world.cloud.s3.buckets["results"][key].body == world.cloud.s3.buckets["results"][some].body


def test_parts_are_of_a_bounded_size(world: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "PART_BYTES", 10)
    monkeypatch.setattr(merging, "OBJECTS_AT_ONCE", 2)
    world.merge("a")
    objects = [one for one in world.object(results.manifest_key(RUN, "a"))["objects"] if one["level"] == "data"]
    assert len(objects) > 3
    assert sum(one["lines"] for one in objects) == len(world.data("data", "a"))
    assert len({one["key"] for one in objects}) == len(objects)


def test_a_group_with_open_parcels_waits(world: Stored) -> None:
    world.ledger.put_children(RUN, [parcel_of("open", world.hosts(1))])
    some = next(iter(world.read(_group("a")).child_ids()))
    item = world.cloud.dynamodb.table("ledger").items
    item[(RUN, f"parcel#{some}")] = {**item[(RUN, f"parcel#{some}")], "state": {"S": "open"}}
    assert world.merge("a") == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert results.manifest_key(RUN, "a") not in world.cloud.s3.buckets["results"]


def _group(name: str) -> str:
    return group_id(name)


def test_an_orphans_answers_are_not_merged(world: Stored) -> None:
    key = results.parcel_key(RUN, "a", "orphan", 1)
    world.s3.put_object(Bucket="results", Key=key, Body=results.packed([results.Line(world.hosts(1)[0], 1, b"{}")]))
    world.ledger.put_children(RUN, [parcel_of("orphan", world.hosts(1))])
    world.merge("a")
    assert len(world.data("data groups", "a")) == 7


def test_an_object_that_lacks_answers_stops_the_merge(world: Stored) -> None:
    key = next(key for key in world.cloud.s3.buckets["results"] if "/group=a/" in key)
    for body in (gzip.compress(b""), b"garbage", gzip.compress(b"{}\n")[:-4]):
        world.s3.put_object(Bucket="results", Key=key, Body=body)
        assert world.merge("a") == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert results.manifest_key(RUN, "a") not in world.cloud.s3.buckets["results"]


def test_the_time_is_watched(world: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.merge("a", context=Context(30_000, 100)) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert ("failed", "OutOfTime") in [(text, extra.get("kind")) for text, extra in world.logged]


def test_a_runs_end_waits_for_its_groups_and_then_says_what_it_holds(world: Stored) -> None:
    world.merge("a")
    world.complete()
    assert world.merge("") == {"batchItemFailures": [{"itemIdentifier": "m"}]}, "a group is missing"
    assert [text for text, _ in world.logged if text == "failed"] == [], "which is no failure"
    world.runs.set_state(RUN, RUNNING, "", of=[COMPLETED])
    world.merge("b/ü")
    assert world.merge("") == {"batchItemFailures": [{"itemIdentifier": "m"}]}, "it is not over"
    world.complete()
    assert world.merge("") == DONE
    run = world.object(results.run_key(RUN))
    assert (run["groups"], run["state"], run["drift"]) == (["a", "b/ü"], COMPLETED, {})
    assert run["counts"]["groups"] == {"expected": 1, "ok": 1, "gone": 0, "failed": 0}
    assert run["counts"]["data groups"]["ok"] == 9
    assert sum(one["lines"] for one in run["objects"]) == sum(level["ok"] for level in run["counts"].values())
    assert (
        run["shapes"]["data"]["fingerprint"]
        == world.object(results.shapes_key(ACCOUNT))["shapes"]["data"]["fingerprint"]
    )
    assert world.runs.run(RUN).stored  # type: ignore[union-attr]


def test_a_change_of_shape_is_reported_and_is_no_error(world: Stored) -> None:
    world.complete()
    for group in ("a", "b/ü", ""):
        world.merge(group)
    answer = world.vendor.estate.points
    world.vendor.estate.points = lambda *given: [point | {"unit": "s"} for point in answer(*given)]  # type: ignore[method-assign]
    world.runs.create(Run("run-2", "daily", ACCOUNT, RUNNING, world.now_ms, 10_000))
    world.harvest("run-2").complete("run-2")
    for group in ("a", "b/ü", ""):
        assert world.merge(group, "run-2") == DONE
    changed = {"data": {"more": ["points[].unit text"], "less": []}}
    assert world.object(results.run_key("run-2"))["drift"] == changed
    said = [extra for text, extra in world.logged if text == "answers look otherwise"]
    assert [(one["level"], one["more"]) for one in said] == [("data", ["points[].unit text"])]


def test_a_message_that_is_none_of_ours_fails(world: Stored) -> None:
    for body in ("", "{}", '{"v":1,"run_id":"","group":""}'):
        attributes = {"SentTimestamp": "1", "ApproximateReceiveCount": "1"}
        record = {"messageId": "m", "receiptHandle": "h", "body": body, "attributes": attributes}
        assert world.store.handle({"Records": [record]}, Context()) == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert store.VERSION == 1
