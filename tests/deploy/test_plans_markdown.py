"""What a reader of a pull request learns of a plan, and what stays out of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.small_plans import CREATE, FUNCTION, TABLE, UPDATE, entry, planned, review, told
from tools.deploy.changes import changes, difference
from tools.deploy.plan_markdown import MOST, MOST_IN_A_SUMMARY, counted, markdown
from tools.deploy.target import Target
from tools.deploy.tree_plan import TreePlan


def text_of(plan: dict[str, Any], notes: tuple[str, ...] = ()) -> str:
    return markdown(review(plan), changes(plan), notes)


def test_what_is_lost_stands_at_the_top() -> None:
    replaced = entry(
        ["delete", "create"], {"hash_key": "a"}, {"hash_key": "b"}, address=TABLE, replace_paths=[["hash_key"]]
    )
    gone = entry(["delete"], {"id": "x"}, None, address="module.votes.module.ingest.aws_sqs_queue.this")
    role = entry(["delete"], {"id": "x"}, None, address="aws_iam_role.this")
    plan = planned(UPDATE, replaced, gone, role)
    text = text_of(plan)
    top = text.split("<details>")[0]
    assert text.startswith("## prod: 1 to update, 1 to replace, 2 to destroy\n")
    assert f"> - table `{TABLE}` is **REPLACED**" in top
    assert "> - queue `module.votes.module.ingest.aws_sqs_queue.this` is **DESTROYED**" in top
    assert "aws_iam_role" not in top
    assert f'- replace {TABLE}: hash_key "a" → "b" forces it' in text
    assert f"! update {FUNCTION} (f): last_modified " in text
    of = review(plan)
    for known in ("d" * 64, "2,345,678", "votes-receive", of.digest, of.tree, of.lock, "333333333333"):
        assert known in text
    assert "CAUTION" not in text_of(planned(UPDATE, CREATE))


def test_no_secret_is_shown_anywhere() -> None:
    secret = "hunter2"
    marked = [
        entry(
            ["update"], {"p": secret}, {"p": f"{secret}!"}, before_sensitive={"p": True}, after_sensitive={"p": True}
        ),
        entry(["update"], {"p": secret}, {"p": "x"}, before_sensitive={"p": True}, after_sensitive={}),
        entry(["update"], {"p": [{"q": secret}]}, {"p": []}, before_sensitive={"p": [{"q": True}]}, after_sensitive={}),
        entry(["update"], {"p": secret}, {"p": "x"}, before_sensitive=True, after_sensitive={}),
        entry(["delete", "create"], {"p": secret}, {"p": "x"}, before_sensitive={"p": True}, replace_paths=[["p"]]),
        entry(["create"], None, {"p": secret}),
        entry(["delete"], {"p": secret}, None),
    ]
    outputs = {
        "output_changes": {
            "o": {
                "actions": ["update"],
                "before": secret,
                "after": "x",
                "before_sensitive": True,
                "after_sensitive": True,
            }
        }
    }
    plan = planned(*marked, **outputs)
    assert secret not in text_of(plan)
    assert secret not in "\n".join(difference(told(planned()), told(plan)) + difference(told(plan), told(planned())))
    assert secret not in repr(changes(plan))


def test_nobody_writes_into_the_text_by_a_name_or_a_value() -> None:
    evil = entry(
        ["update"],
        {"p": "x"},
        {"p": "```\n# approved\n@all <b>\u202e"},
        address='aws_sqs_queue.x["`\n```\n# fine"].this',
    )
    text = text_of(planned(evil), ("what differs:\n```\n# approved",))
    assert text.count("```") == 4, "one block for the note, one for the changes"
    outside = re.sub(r"^```(text|diff)\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "approved" not in outside
    assert "fine" not in outside
    assert "\u202e" not in text


@pytest.mark.parametrize("long", [0, 50_000])
def test_the_text_is_bounded_and_says_what_is_missing(long: int) -> None:
    many = [
        entry(["delete"], {"id": "x"}, None, address=f"module.a.aws_sqs_queue.this[{'9' * 80}{number}{'9' * long}]")
        for number in range(2_000 if not long else 100)
    ]
    text = text_of(planned(*many), ("\n".join(["a long note"] * 5_000),))
    assert len(text) <= MOST
    assert text.startswith(f"## prod: {len(many)} to destroy")
    assert f"and {len(many) - 20} more" in text
    assert "more lines" in text
    assert text.count("<details>") == text.count("</details>") == 1
    assert text.rstrip().endswith(f"`{review(planned(*many)).digest}`.")


def test_an_approver_reads_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change cannot hide behind a thousand others, as it could in a comment."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setattr(Target, "plans", tmp_path)
    many = [entry(["update"], {"x": 1}, {"x": 2}, address=f"aws_sqs_queue.q[{number:04}]") for number in range(1_000)]
    plan = planned(*many, entry(["update"], {"x": 1}, {"x": 3}, address="aws_sqs_queue.z"))
    said: list[str] = []
    TreePlan(Target("prod"), tmp_path / "plan", plan, review(plan)).report(said.append)
    summary = (tmp_path / "summary.md").read_text()
    assert summary.count("! update aws_sqs_queue.") == 1_001
    assert "! update aws_sqs_queue.z: x 1 → 3" in summary
    assert len(summary.encode()) < 2**20 > 3 * MOST_IN_A_SUMMARY
    assert "aws_sqs_queue.z" not in (tmp_path / "prod.md").read_text()


def test_counted() -> None:
    moved = entry(["no-op"], {}, {}) | {"previous_address": "aws_lambda_function.old"}
    output = {"url": {"actions": ["create"], "before": None, "after": "b", "after_unknown": False}}
    assert (
        counted(changes(planned(moved, CREATE, output_changes=output))) == "1 to create, 1 to change outputs, 1 to move"
    )
    assert counted([]) == "nothing to do"
    assert str(changes(planned(moved))[0]) == f"move {FUNCTION}: from aws_lambda_function.old"
