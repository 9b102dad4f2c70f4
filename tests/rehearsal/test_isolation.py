"""A hole between accounts is found, whatever it is in; a refusal counts only if it is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.rehearsal import isolation, protection
from tools.rehearsal.account import Account
from tools.rehearsal.inventory import differences, inventory, left, shared
from tools.rehearsal.isolation import Target


def refusing(code: str) -> Callable[[str], Any]:
    """Clients whose every call is answered with that error."""

    class Client:
        def __getattr__(self, operation: str) -> Any:
            def call(**_: object) -> None:
                raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)

            return call

    return lambda _: Client()


def test_another_account_is_refused_everything(target: Target, intruder: Account) -> None:
    tried, problems = isolation.is_refused("dev", intruder.client, target)
    assert tried == 4 * 5 + 8 + 2 + 6 + 1 + 1
    assert problems == []


def test_a_hole_is_found_whatever_it_is_in(target: Target, owner: Account) -> None:
    """The owner as the intruder: whatever it may do is what a hole would let through."""
    tried, problems = isolation.is_refused("dev", owner.client, target)
    assert [problem for problem in problems if not problem.startswith("dev can reach into prod: ")] == []
    assert len(problems) == tried


def test_a_refused_call_is_no_problem_and_any_other_error_proves_nothing(target: Target) -> None:
    for code in ("AccessDenied", "ResourceNotFoundException", "404"):
        assert isolation.is_refused("dev", refusing(code), target)[1] == []
    for code in ("ThrottlingException", "ValidationException", "InternalFailure", "InvalidClientTokenId"):
        tried, problems = isolation.is_refused("dev", refusing(code), target)
        assert [("proves nothing" in problem and code in problem) for problem in problems] == [True] * tried


def test_lists_that_show_more_or_less_than_its_own(target: Target, owner: Account) -> None:
    shown = inventory(owner.client)
    assert isolation.lists_only_its_own(target, shown) == []
    wrong = {**shown, "queues": shown["queues"] | {"sluice-dev-votes-ingest"}, "tables": frozenset[str]()}
    assert isolation.lists_only_its_own(target, wrong) == [
        "prod sees queues that are not its own: sluice-dev-votes-ingest",
        "prod does not see its own tables: tallies",
    ]


def test_two_accounts_may_not_list_the_same(target: Target, owner: Account, intruder: Account) -> None:
    found = inventory(owner.client)
    for kind in ("queues", "tables", "functions", "buckets", "roles"):
        assert f"dev and prod both list {kind}: {', '.join(sorted(found[kind]))}" in shared("dev", found, "prod", found)
    assert shared("dev", inventory(intruder.client), "prod", found) == []


def test_what_is_left_is_named(target: Target, owner: Account, intruder: Account) -> None:
    assert "prod still has tables: tallies" in left("prod", inventory(owner.client))
    assert left("dev", inventory(intruder.client)) == []


def test_what_came_and_went_is_named(target: Target, owner: Account) -> None:
    before = inventory(owner.client)
    owner.client("logs").create_log_group(logGroupName="new")
    after = inventory(owner.client)
    assert (differences(before, after), differences(after, before)) == (
        ["new log groups: new"],
        ["gone log groups: new"],
    )


@pytest.mark.parametrize("protected", [True, False])
def test_a_table_that_can_be_deleted_is_not_protected(owner: Account, protected: bool) -> None:
    owner.client("dynamodb").create_table(
        TableName="held",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        DeletionProtectionEnabled=protected,
    )
    problems = protection.tables_refuse_deletion("prod", owner.client, ["held"])
    assert problems == ([] if protected else ["prod: held is not protected: it could be deleted"])
    if protected:
        owner.client("dynamodb").update_table(TableName="held", DeletionProtectionEnabled=False)
        owner.client("dynamodb").delete_table(TableName="held")


def test_an_answer_to_a_deletion_that_proves_nothing() -> None:
    assert "proves nothing" in protection.tables_refuse_deletion("prod", refusing("ThrottlingException"), ["held"])[0]
