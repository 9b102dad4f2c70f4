"""Audit lines: who changed what and when, on standard output and in the bucket.

Whatever becomes of the run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lambda_src.fakes import refusal
from tools.common.errors import CommandError
from tools.operations import audit
from tools.operations.audit import Audit
from tools.operations.deployment import Deployment


def kept(deployment: Deployment) -> list[list[dict[str, Any]]]:
    """The lines of each run, as the bucket keeps them."""
    s3 = deployment.client("s3")
    objects = s3.list_objects_v2(Bucket="quarantine", Prefix="audit/redrive/").get("Contents", ())
    texts = [s3.get_object(Bucket="quarantine", Key=item["Key"])["Body"].read().decode() for item in objects]
    return [list(map(json.loads, text.splitlines())) for text in texts]


def test_lines_say_who_when_and_what(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    with Audit(deployment, "redrive") as run:
        run.line(queue="count", message="m1")
        run.line(queue="count", message="m2")
    (lines,) = kept(deployment)
    assert lines == [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for line in lines:
        assert line.pop("at").endswith("+00:00")
        assert line.pop("who").split(":")[2] == "sts"
    assert lines == [
        {"audit": "redrive", "began": True},
        {"audit": "redrive", "queue": "count", "message": "m1"},
        {"audit": "redrive", "queue": "count", "message": "m2"},
    ]


def test_without_a_quarantine_it_is_kept_in_a_file(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del deployment.outputs["quarantine_bucket"]
    monkeypatch.setattr(audit, "BUILD", tmp_path / "build")
    with Audit(deployment, "redrive") as run:
        run.line(message="m1")
    (file,) = (tmp_path / "build/audit/redrive").iterdir()
    assert str(file) == run.key
    assert [json.loads(line).get("message") for line in file.read_text().splitlines()] == [None, "m1"]
    (tmp_path / "file").touch()
    monkeypatch.setattr(audit, "BUILD", tmp_path / "file")
    with pytest.raises(CommandError, match=r"the audit could not be kept as .*/file/audit/redrive"):
        Audit(deployment, "redrive")


def test_a_run_that_broke_off_is_kept(deployment: Deployment) -> None:
    def work() -> None:
        with Audit(deployment, "redrive") as run:
            run.line(message="m1")
            raise KeyError("m2")

    with pytest.raises(KeyError):
        work()
    (lines,) = kept(deployment)
    assert [line.get("message") or line.get("broke_off") for line in lines[1:]] == ["m1", "KeyError"]


def test_a_run_that_is_killed_is_kept_up_to_lately(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "KEEP_SECONDS", 0.0)
    run = Audit(deployment, "redrive")
    run.line(message="m1")
    (lines,) = kept(deployment)
    assert lines[-1]["message"] == "m1"


class ClosedDeployment(Deployment):
    """A deployment whose bucket takes nothing."""

    def client(self, service: str) -> Any:
        client = super().client(service)
        if service == "s3":

            def put_object(**_: Any) -> None:
                raise refusal("PutObject", "AccessDenied")

            client.put_object = put_object
        return client


def test_what_cannot_be_audited_is_not_done(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match=r"s3://quarantine/audit/redrive/.*AccessDenied.*s3:PutObject"):
        Audit(ClosedDeployment("closed", deployment.outputs, None, {}), "redrive")
    assert "began" in capsys.readouterr().out


def test_what_broke_a_run_is_told_even_if_that_cannot_be_kept(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Audit(deployment, "redrive")
    run._s3 = ClosedDeployment("closed", deployment.outputs, None, {}).client("s3")
    with pytest.raises(KeyError), run:
        raise KeyError("m2")
    printed = capsys.readouterr()
    assert '"broke_off": "KeyError"' in printed.out
    assert "could not be kept" in printed.err


def test_on_the_local_cloud_nobody_has_a_name(deployment: Deployment) -> None:
    local = Deployment("local", deployment.outputs, "http://127.0.0.1:1", {})
    Audit(local, "redrive").close()
    assert kept(deployment)[0][0]["who"] == "local"
