"""What makes two plans equal, and how they differ in words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.deploy.small_plans import CREATE, TABLE, UPDATE, ZIP, entry, planned, review, told
from tools.deploy.changes import changes, difference
from tools.deploy.packages import Package

QUEUE = {
    "id": "https://sqs.us-east-1.amazonaws.com/111111111111/votes-count",
    "url": "https://sqs.us-east-1.amazonaws.com/111111111111/votes-count",
    "arn": "arn:aws:sqs:us-east-1:111111111111:votes-count",
    "name": "votes-count",
    "kms_master_key_id": "",
}


def digest(plan: dict[str, Any]) -> str:
    return review(plan).digest


def test_order_times_and_versions_do_not_count() -> None:
    other = planned(CREATE, UPDATE) | {"terraform_version": "1.16.0", "timestamp": "later", "prior_state": {"x": 1}}
    assert digest(planned(UPDATE, CREATE)) == digest(other)


def test_what_stays_or_is_known_later_does_not_count() -> None:
    before, after = UPDATE["change"]["before"], UPDATE["change"]["after"]
    today = entry(
        ["update"],
        before | {"last_modified": "today", "size": 1},
        after | {"size": 1},
        unknown={"last_modified": True},
    )
    assert digest(planned(UPDATE)) == digest(planned(today))
    untouched = entry(["no-op"], {"name": "x"}, {"name": "x"}, address="module.a.aws_sqs_queue.this")
    assert digest(planned(UPDATE)) == digest(planned(UPDATE, untouched))


def test_everything_else_counts() -> None:
    before, after = UPDATE["change"]["before"], UPDATE["change"]["after"]
    others = [
        planned(entry(["update"], before, after | {"timeout": 7}, unknown={"last_modified": True})),
        planned(entry(["update"], before | {"timeout": 4}, after, unknown={"last_modified": True})),
        planned(entry(["update"], before, after, unknown={"last_modified": True, "version": True})),
        planned(entry(["delete", "create"], before, after, unknown={"last_modified": True})),
        planned(entry(["create", "delete"], before, after, unknown={"last_modified": True})),
        planned(entry(["update"], before, after, address="aws_lambda_function.other", unknown={"last_modified": True})),
        planned(
            entry(["delete", "create"], before, after, unknown={"last_modified": True}, replace_paths=[["timeout"]])
        ),
        planned(UPDATE | {"deposed": "abcd1234"}),
        planned(UPDATE | {"previous_address": "aws_lambda_function.old"}),
        planned(UPDATE, CREATE),
        planned(
            UPDATE, output_changes={"url": {"actions": ["update"], "before": "a", "after": "b", "after_unknown": False}}
        ),
        planned(),
    ]
    assert len({digest(plan) for plan in (planned(UPDATE), *others)}) == len(others) + 1
    assert all(difference(told(planned(UPDATE)), told(other)) for other in others)
    assert difference(told(planned(UPDATE)), told(planned(UPDATE))) == []


def _on(queue: dict[str, Any], actions: list[str], **more: Any) -> dict[str, Any]:
    """A change of a queue, or its end."""
    after = queue | {"delay_seconds": 1} if "update" in actions else None
    return planned(entry(actions, queue | {"delay_seconds": 0}, after, address="aws_sqs_queue.count", **more))


@pytest.mark.parametrize("actions", [["update"], ["delete"], ["delete", "create"], ["forget"]])
@pytest.mark.parametrize("name", ["id", "url", "arn", "name"])
def test_what_a_change_is_done_to_counts_and_is_told(name: str, actions: list[str]) -> None:
    """Another queue of the same length of name had the same digest, and was in no text."""
    other = QUEUE | {name: QUEUE[name].replace("votes-count", "other-queue")}
    assert digest(_on(QUEUE, actions)) != digest(_on(other, actions))
    (change,) = changes(_on(other, actions))
    assert "other-queue" in str(change)
    unknown = {"unknown": dict.fromkeys(QUEUE, True)}
    assert digest(_on(QUEUE, actions, **unknown)) != digest(_on(other, actions, **unknown)), "known only later"


def test_what_a_setting_belongs_to_counts() -> None:
    for name in ("bucket", "role", "queue_url", "function_name", "api_id", "policy_arn", "qualifier"):
        ours, others = (entry(["update"], {"x": 1, name: of}, {"x": 2, name: of}) for of in ("ours", "theirs"))
        assert digest(planned(ours)) != digest(planned(others)), name


def test_what_a_provider_says_of_an_identity_counts() -> None:
    said: list[dict[str, Any]] = [
        {part: {"account_id": number}} for part in ("before_identity", "after_identity") for number in ("1", "2")
    ]
    assert len({digest(planned(entry(["update"], {"x": 1}, {"x": 2}, **one))) for one in said}) == len(said)


def test_a_secret_counts_by_its_hash() -> None:
    plans = [
        planned(entry(["update"], {"p": "a"}, {"p": secret}, after_sensitive={"p": True}))
        for secret in ("hunter2", "hunter3")
    ]
    assert digest(plans[0]) != digest(plans[1])
    (change,) = changes(plans[0])
    assert "hunter2" not in f"{change.content}{change.told()}{review(plans[0])}"


def test_tree_zips_and_provider_lock_count_too() -> None:
    plan = planned(UPDATE)
    others = [
        review(plan, tree="c" * 40),
        review(plan, packages=(Package(ZIP.name, "e" * 64, ZIP.size),)),
        review(plan, packages=(Package("votes-write", ZIP.sha256, ZIP.size),)),
        review(plan, packages=(ZIP, Package("votes-write", "e" * 64, 1))),
        review(plan, lock=b"another"),
        review(plan, lock=b""),
    ]
    assert len({one.digest for one in (review(plan), *others)}) == len(others) + 1


def test_a_part_known_only_later_counts_and_so_does_what_is_known_of_it() -> None:
    def policy(text: str, flag: bool) -> dict[str, Any]:
        return entry(["update"], {"block": []}, {"block": [{"a": text}]}, unknown={"block": [{"b": flag}]})

    assert len({digest(planned(policy(*block))) for block in (("x", True), ("y", True), ("x", False))}) == 3


def test_the_difference_in_words() -> None:
    other = entry(["update"], {"timeout": 3}, {"timeout": 9})
    gone = entry(["delete"], {"id": "q", "arn": "arn:q"}, None, address="module.votes.aws_sqs_queue.old")
    lines = difference(told(planned(UPDATE, CREATE)), told(planned(other, gone)))
    assert f"was reviewed, and is no longer to be done: create {TABLE}" in lines
    assert "was never reviewed: destroy module.votes.aws_sqs_queue.old (arn:q)" in lines
    assert any(
        re.search(r"reviewed was: update .*timeout 3 → 6.*\n +now it is: update .*timeout 3 → 9", line)
        for line in lines
    )
