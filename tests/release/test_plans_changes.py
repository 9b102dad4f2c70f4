"""What makes two plans equal, what a reader of a pull request is told of one, and what he is not."""

from __future__ import annotations

import re
from typing import Any

from release.changes import changes, difference, digest
from release.text import MOST, counted, markdown

SUMMARY: dict[str, Any] = {
    "environment": "prod",
    "account": "333333333333",
    "tree": "a" * 40,
    "commit": "b" * 40,
    "terraform": "1.15.5",
    "digest": "c" * 64,
    "packages": [{"name": "votes-receive", "sha256": "d" * 64, "size": 2_345_678}],
}
FUNCTION = "module.votes.aws_lambda_function.this"
TABLE = "module.votes.aws_dynamodb_table.this"


def entry(
    actions: list[str],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    *,
    address: str = FUNCTION,
    unknown: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    change = {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}, **more}
    return {"address": address, "mode": "managed", "type": address.split(".")[-2], "change": change}


def planned(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"terraform_version": "1.15.5", "timestamp": "2026-11-21T00:00:00Z", "resource_changes": list(entries), **more}


UPDATE = entry(
    ["update"], {"timeout": 3, "name": "f", "last_modified": "yesterday"}, {"timeout": 6, "name": "f"}, unknown={"last_modified": True}
)
CREATE = entry(["create"], None, {"name": "t", "billing_mode": "PAY_PER_REQUEST"}, address=TABLE, unknown={"arn": True})


def test_order_times_and_versions_do_not_count() -> None:
    other = planned(CREATE, UPDATE) | {"terraform_version": "1.16.0", "timestamp": "later", "prior_state": {"x": 1}}
    assert digest(planned(UPDATE, CREATE)) == digest(other)


def test_what_stays_or_is_known_later_does_not_count() -> None:
    before, after = UPDATE["change"]["before"], UPDATE["change"]["after"]
    today = entry(["update"], before | {"last_modified": "today", "name": "g"}, after | {"name": "g"}, unknown={"last_modified": True})
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
        planned(entry(["delete", "create"], before, after, unknown={"last_modified": True}, replace_paths=[["timeout"]])),
        planned(UPDATE | {"deposed": "abcd1234"}),
        planned(UPDATE | {"previous_address": "aws_lambda_function.old"}),
        planned(UPDATE, CREATE),
        planned(UPDATE, output_changes={"url": {"actions": ["update"], "before": "a", "after": "b", "after_unknown": False}}),
        planned(),
    ]
    assert len({digest(plan) for plan in (planned(UPDATE), *others)}) == len(others) + 1
    assert all(difference(planned(UPDATE), other) for other in others)
    assert difference(planned(UPDATE), planned(UPDATE)) == []


def test_a_part_known_only_later_counts_and_so_does_what_is_known_of_it() -> None:
    def policy(text: str, flag: bool) -> dict[str, Any]:
        return entry(["update"], {"block": []}, {"block": [{"a": text}]}, unknown={"block": [{"b": flag}]})

    assert len({digest(planned(policy(*given))) for given in (("x", True), ("y", True), ("x", False))}) == 3


def test_the_difference_in_words() -> None:
    other = entry(["update"], {"timeout": 3}, {"timeout": 9})
    gone = entry(["delete"], {"id": "q", "arn": "arn:q"}, None, address="module.votes.aws_sqs_queue.old")
    lines = difference(planned(UPDATE, CREATE), planned(other, gone))
    assert f"was reviewed, and is no longer to be done: create {TABLE}" in lines
    assert "was never reviewed: destroy module.votes.aws_sqs_queue.old" in lines
    assert any(re.search(r"reviewed was: update .*timeout 3 → 6.*\n +now it is: update .*timeout 3 → 9", line) for line in lines)


def test_what_is_lost_stands_at_the_top() -> None:
    replaced = entry(["delete", "create"], {"hash_key": "a"}, {"hash_key": "b"}, address=TABLE, replace_paths=[["hash_key"]])
    gone = entry(["delete"], {"id": "x"}, None, address="module.votes.module.ingest.aws_sqs_queue.this")
    role = entry(["delete"], {"id": "x"}, None, address="aws_iam_role.this")
    text = markdown(SUMMARY, changes(planned(UPDATE, replaced, gone, role)))
    top = text.split("<details>")[0]
    assert text.startswith("## prod: 1 to update, 1 to replace, 2 to destroy\n")
    assert f"> - table `{TABLE}` is **REPLACED**" in top
    assert "> - queue `module.votes.module.ingest.aws_sqs_queue.this` is **DESTROYED**" in top
    assert "aws_iam_role" not in top
    assert f'- replace {TABLE}: hash_key "a" → "b" forces it' in text
    assert f"! update {FUNCTION}: last_modified " in text
    for known in ("d" * 64, "2,345,678", "votes-receive", SUMMARY["digest"], SUMMARY["tree"], "333333333333"):
        assert known in text
    assert "CAUTION" not in markdown(SUMMARY, changes(planned(UPDATE, CREATE)))


def test_no_secret_is_told_anywhere() -> None:
    secret = "hunter2"
    marked = [
        entry(["update"], {"p": secret}, {"p": f"{secret}!"}, before_sensitive={"p": True}, after_sensitive={"p": True}),
        entry(["update"], {"p": secret}, {"p": "x"}, before_sensitive={"p": True}, after_sensitive={}),
        entry(["update"], {"p": [{"q": secret}]}, {"p": []}, before_sensitive={"p": [{"q": True}]}, after_sensitive={}),
        entry(["update"], {"p": secret}, {"p": "x"}, before_sensitive=True, after_sensitive={}),
        entry(["delete", "create"], {"p": secret}, {"p": "x"}, before_sensitive={"p": True}, replace_paths=[["p"]]),
        entry(["create"], None, {"p": secret}),
        entry(["delete"], {"p": secret}, None),
    ]
    outputs = {
        "output_changes": {"o": {"actions": ["update"], "before": secret, "after": "x", "before_sensitive": True, "after_sensitive": True}}
    }
    plan = planned(*marked, **outputs)
    assert secret not in markdown(SUMMARY, changes(plan))
    assert secret not in "\n".join(difference(planned(), plan) + difference(plan, planned()))
    assert secret not in repr(changes(plan))


def test_nobody_writes_into_the_text_by_a_name_or_a_value() -> None:
    evil = entry(["update"], {"p": "x"}, {"p": "```\n# approved\n@all <b>\u202e"}, address='aws_sqs_queue.x["`\n```\n# fine"].this')
    text = markdown(SUMMARY, changes(planned(evil)), ["what differs:\n```\n# approved"])
    assert text.count("```") == 4, "one block for the note, one for the changes"
    outside = re.sub(r"^```(text|diff)\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "approved" not in outside
    assert "fine" not in outside
    assert "\u202e" not in text


def test_the_text_is_bounded_and_says_what_is_missing() -> None:
    many = [entry(["delete"], {"id": "x"}, None, address=f"module.a.aws_sqs_queue.this[{'9' * 80}{number}]") for number in range(2_000)]
    text = markdown(SUMMARY, changes(planned(*many)), ["\n".join(["a long note"] * 5_000)])
    assert len(text) <= MOST
    assert text.startswith("## prod: 2000 to destroy")
    assert "and 1980 more" in text
    assert "more lines" in text
    assert text.count("<details>") == text.count("</details>") == 1
    assert text.rstrip().endswith(f"`{SUMMARY['digest']}`.")


def test_counted() -> None:
    moved = entry(["no-op"], {}, {}) | {"previous_address": "aws_lambda_function.old"}
    output = {"url": {"actions": ["create"], "before": None, "after": "b", "after_unknown": False}}
    assert counted(changes(planned(moved, CREATE, output_changes=output))) == "1 to create, 1 to change outputs, 1 to move"
    assert counted([]) == "nothing to do"
    assert str(changes(planned(moved))[0]) == f"move {FUNCTION}: from aws_lambda_function.old"
