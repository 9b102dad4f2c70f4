"""Drift, as against what waits for a promotion."""

from __future__ import annotations

from typing import Any

import pytest

from tools.deploy import drift
from tools.deploy.drift import Drift, judge

QUEUE = "module.votes.module.ingest.aws_sqs_queue.this"


def _change(
    actions: list[str],
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    unknown: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "address": QUEUE,
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}},
    }


def _judged(planned: dict[str, Any], *drifted: dict[str, Any]) -> Drift:
    return judge("dev", "1", {"resource_changes": [planned], "resource_drift": list(drifted)})


def test_what_terraform_would_put_back_is_drift() -> None:
    result = _judged(_change(["update"], {"delay": 9}, {"delay": 0}), _change(["update"], {"delay": 0}, {"delay": 9}))
    assert (result.outside, result.waiting) == ([f"{QUEUE}: delay"], [])


def test_what_was_deleted_is_drift() -> None:
    result = _judged(_change(["create"], None, {"delay": 0}), _change(["delete"], {"delay": 0}, None))
    assert result.outside == [f"{QUEUE}: deleted"]


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        (_change(["update"], {"delay": 0}, {"delay": 5}), f"{QUEUE}: delay"),
        (_change(["create"], None, {"delay": 0}), f"{QUEUE}: new"),
        (_change(["delete"], {"delay": 0}, None), f"{QUEUE}: delete"),
        (_change(["delete", "create"], {"name": "a"}, {"name": "b"}), f"{QUEUE}: delete and create"),
    ],
)
def test_what_the_code_changed_waits_for_a_promotion(planned: dict[str, Any], said: str) -> None:
    result = _judged(planned)
    assert (result.outside, result.waiting) == ([], [said])


def test_an_attribute_that_aws_keeps_itself_makes_a_waiting_change_no_drift() -> None:
    waiting = _change(["update"], {"delay": 0, "modified": "b"}, {"delay": 5}, {"modified": True})
    assert _judged(waiting, _change(["update"], {"modified": "a"}, {"modified": "b"})).outside == []


def test_what_is_the_same_is_nothing() -> None:
    result = _judged(
        _change(["no-op"], {"delay": 0}, {"delay": 0}), _change(["update"], {"modified": "a"}, {"modified": "b"})
    )
    assert (result.outside, result.waiting) == ([], [])
    assert "no drift" in drift.as_text(result)


def test_names_are_shown_and_no_value() -> None:
    result = _judged(
        _change(["update"], {"key": "s3cret"}, {"key": "0ther"}),
        _change(["update"], {"key": "0ther"}, {"key": "s3cret"}),
    )
    assert "s3cret" not in drift.as_text(result)
    assert "0ther" not in drift.as_text(result)
