"""Audit lines: who changed what and when, on standard output and in the bucket, whatever becomes of the run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devcloud.runs import LocalCloudError
from operations import audit
from operations.audit import Audit
from operations.place import Place
from tests.unit.fakes import refusal


def kept(place: Place) -> list[list[dict[str, Any]]]:
    """The lines of each run, as the bucket keeps them."""
    s3 = place.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="quarantine", Prefix="audit/redrive/").get("Contents", ())]
    bodies = [s3.get_object(Bucket="quarantine", Key=key)["Body"].read().decode() for key in keys]
    return [[json.loads(line) for line in body.splitlines()] for body in bodies]


def test_lines_say_who_when_and_what(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with Audit(place, "redrive") as run:
        run.line(queue="count", message="m1")
        run.line(queue="count", message="m2")
    (lines,) = kept(place)
    assert lines == [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [{name: line[name] for name in line.keys() - {"at", "who"}} for line in lines] == [
        {"audit": "redrive", "began": True},
        {"audit": "redrive", "queue": "count", "message": "m1"},
        {"audit": "redrive", "queue": "count", "message": "m2"},
    ]
    assert {line["who"].split(":")[2] for line in lines} == {"sts"}
    assert all(line["at"].endswith("+00:00") for line in lines)


def test_a_run_that_broke_off_is_kept(place: Place) -> None:
    def work() -> None:
        with Audit(place, "redrive") as run:
            run.line(message="m1")
            raise KeyError("m2")

    with pytest.raises(KeyError):
        work()
    (lines,) = kept(place)
    assert [line.get("message") or line.get("broke_off") for line in lines[1:]] == ["m1", "KeyError"]


def test_a_run_that_is_killed_is_kept_up_to_lately(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "KEEP_SECONDS", 0.0)
    run = Audit(place, "redrive")
    run.line(message="m1")
    (lines,) = kept(place)
    assert lines[-1]["message"] == "m1"


class Closed(Place):
    """A place whose bucket takes nothing."""

    def client(self, service: str) -> Any:
        client = super().client(service)
        if service == "s3":

            def put_object(**_: Any) -> None:
                raise refusal("PutObject", "AccessDenied")

            client.put_object = put_object
        return client


def test_what_cannot_be_audited_is_not_done(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LocalCloudError, match=r"s3://quarantine/audit/redrive/.*AccessDenied.*s3:PutObject"):
        Audit(Closed("closed", place.outputs, None, {}), "redrive")
    assert "began" in capsys.readouterr().out


def test_what_broke_a_run_is_told_even_if_that_cannot_be_kept(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    run = Audit(place, "redrive")
    run._s3 = Closed("closed", place.outputs, None, {}).client("s3")
    with pytest.raises(KeyError), run:
        raise KeyError("m2")
    said = capsys.readouterr()
    assert '"broke_off": "KeyError"' in said.out
    assert "could not be kept" in said.err


def test_on_the_local_cloud_nobody_has_a_name(place: Place) -> None:
    local = Place("local", place.outputs, "http://127.0.0.1:1", {})
    Audit(local, "redrive").close()
    assert kept(place)[0][0]["who"] == "local"
