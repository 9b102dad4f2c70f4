"""A tree is proposed, and what was reviewed is planned again and applied, or nothing.

On an account of the local cloud, in its S3 state and its bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.plans_world import World, small_world
from tests.support.authority import authority
from tools.common.errors import CommandError
from tools.deploy import propose
from tools.deploy.artifacts import Artifacts
from tools.deploy.changes import functions
from tools.deploy.target import Terraform

# The emulator outlives the object that started it; `emulator.stop` ends it.
pytestmark = pytest.mark.filterwarnings("ignore:.*(subprocess .* is still running|Popen.__del__).*")

Call = tuple[str, str, dict[str, str]]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The small project, proposed and promoted once."""
    with small_world(tmp_path_factory.mktemp("plans")) as world:
        with pytest.raises(CommandError, match=r"no reviewed digest of this tree.*make propose ENV=dev"):
            world.promote()
        assert world.propose() == 0
        assert world.promote() == 0
        yield world


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """What is called on the artifact bucket's objects: action, key, and what a policy is told."""
    seen: list[Call] = []
    whole = Artifacts._call

    def call(artifacts: Artifacts, operation: Any, **request: Any) -> tuple[Any, str]:
        if "Body" in request:
            seen.append(("s3:PutObject", request["Key"], {"s3_if_none_match": request["IfNoneMatch"]}))
        else:
            seen.append(("s3:GetObject", request["Key"], {}))
        return whole(artifacts, operation, **request)

    monkeypatch.setattr(Artifacts, "_call", call)
    return seen


@pytest.fixture
def world(deployed: World) -> World:
    """The deployed project with a change that was proposed, and so is reviewed."""
    deployed.wanted = deployed.change()
    assert deployed.propose() == 0
    return deployed


def test_what_was_reviewed_is_applied_and_the_zip_in_the_bucket_runs(world: World) -> None:
    assert world.answer() == world.code
    world.code = "two"
    wanted = world.change()
    before = world.stored()
    assert world.propose() == 0
    assert world.stored() - before == {world.key}, "to propose puts a digest and its text, no zip and no plan"
    assert world.seconds() != wanted, "to propose changes nothing"
    assert world.promote() == 0
    assert (world.seconds(), world.answer()) == (wanted, "two")
    assert re.search(r"small-count: version \d → \d", world.output)
    assert "make rollback ENV=dev" in world.output


def test_the_same_tree_is_proposed_and_promoted_again(world: World) -> None:
    review = world.review()
    assert world.propose() == 0
    assert "planned before, at commit" in world.output
    assert "with the same digest" in world.target.file(".md").read_text()
    assert world.review() == review, "the first one stands"
    assert world.promote() == 0
    assert world.promote() == 0
    assert "Nothing is left to do" in world.output


def test_a_plan_with_nothing_to_do_is_fine(world: World) -> None:
    assert world.promote() == 0
    world.write(world.pipeline.read_text() + "# no change\n")
    assert world.propose() == 0
    assert "## dev: nothing to do" in world.target.file(".md").read_text()
    assert world.promote() == 0


def test_a_state_that_moved_on_with_equal_changes_is_fine(world: World) -> None:
    world.state_moves_on()
    assert world.promote() == 0
    assert world.seconds() == world.wanted


def test_other_changes_are_refused_in_words_until_they_were_read(world: World) -> None:
    world.client("sqs").set_queue_attributes(**world.queue, Attributes={"VisibilityTimeout": "77"})
    world.client("dynamodb").delete_table(TableName="small-rows")
    with pytest.raises(CommandError, match="nothing was applied") as refused:
        world.promote()
    words = str(refused.value)
    assert re.search(
        rf"reviewed was: update .*visibility_timeout_seconds \d+ → {world.wanted}\n +now it is: .* 77 → {world.wanted}",
        words,
    )
    assert "was never reviewed: create module.votes.aws_dynamodb_table.rows" in words
    assert world.seconds() == "77"
    with pytest.raises(CommandError, match="nothing was applied"):
        world.promote(reviewed_digest="0" * 64)

    assert world.propose() == 1, "whoever looks at the pull request again must see it too"
    assert "came to ANOTHER digest" in world.target.file(".md").read_text()

    assert world.promote(reviewed_digest=re.findall(r"REVIEWED=(\w{64})", words)[0]) == 0
    assert world.seconds() == world.wanted


def test_the_approver_sees_the_text_and_the_digest_before_anything_is_applied(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    before = world.stored()
    assert world.promote(dry_run=True) == 0
    text = summary.read_text()
    assert f"visibility_timeout_seconds {int(world.wanted) - 1} → {world.wanted}" in text
    assert world.queue["QueueUrl"].rpartition("/")[2] in text, "which queue it is"
    assert world.review()["digest"] in text
    assert "as reviewed" in text
    assert (world.seconds() == world.wanted, world.stored()) == (False, before)

    with pytest.raises(CommandError, match="nothing was applied"):
        world.promote(dry_run=True, reviewed_digest="0" * 64)
    assert "This is NOT what was reviewed" in summary.read_text()


def test_each_role_may_do_what_its_command_does_to_the_bucket(world: World, calls: list[Call]) -> None:
    """To propose and to compare take the plan role, to apply the apply role; neither has more."""
    world.code = f"code of {world.wanted}"
    world.change()

    def denied(role: str) -> list[Call]:
        """The calls since the last time that the role may not make."""
        made, iam = calls[:], authority("dev")
        calls.clear()
        assert made
        arn = f"arn:aws:s3:::{world.bucket}"
        return [call for call in made if not iam.may(f"sluice-dev-{role}", call[0], f"{arn}/{call[1]}", **call[2])]

    assert world.propose() == 0
    assert world.propose() == 0
    assert world.promote(dry_run=True) == 0
    assert denied("plan") == []
    assert world.promote() == 0
    assert [action for action, key, _ in calls if key.startswith("packages/")] == ["s3:PutObject"]
    assert denied("apply") == []
    world.change()
    assert world.propose() == 0
    calls.clear()
    assert world.promote() == 0
    assert [action for action, key, _ in calls if key.startswith("packages/")] == ["s3:PutObject", "s3:GetObject"]
    assert denied("apply") == []


def test_another_tree_is_refused_and_a_merge_of_the_same_tree_is_not(world: World) -> None:
    text = world.pipeline.read_text()
    world.pipeline.write_text(text + "# not committed\n")
    for command in (world.propose, world.promote):
        with pytest.raises(
            CommandError, match=r"not what was committed \(terraform/pipelines/votes/main.tf\).*INSIST=yes"
        ):
            command()
    with pytest.raises(CommandError, match="no reviewed digest of this tree"):
        world.promote(insist=True)
    world.git("commit", "-qam", "another tree")
    with pytest.raises(CommandError, match="no reviewed digest of this tree"):
        world.promote()
    world.write(text)  # another commit with the tree that was reviewed, as a merge makes it
    assert world.promote() == 0
    assert world.seconds() == world.wanted


def test_what_is_insisted_on_is_found_by_the_files_as_they_are(world: World) -> None:
    world.pipeline.write_text(world.pipeline.read_text() + "# on a laptop\n")
    assert propose.run(world.target, world.said.append, insist=True) == 0
    world.git("commit", "-qam", "the same files, committed")
    assert world.promote() == 0


def test_nothing_is_put_twice(deployed: World) -> None:
    artifacts = Artifacts(deployed.target)
    review = deployed.review()
    assert not artifacts.put_once(deployed.key, b"another")
    assert deployed.review() == review


def test_another_account_is_refused(deployed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "222222222222")
    for command in (deployed.propose, deployed.promote):
        with pytest.raises(CommandError, match=r"222222222222.*111111111111"):
            command()


def test_there_is_no_bucket_yet(deployed: World) -> None:
    with pytest.raises(
        CommandError, match=r"no artifact bucket sluice-staging-artifacts-\d+: `make account ENV=staging`"
    ):
        Artifacts(replace(deployed.target, environment="staging")).put_once("x", b"")


def test_other_code_in_lambda_than_was_reviewed_is_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Terraform.state

    def swapped(terraform: Terraform) -> dict[str, Any]:
        shown = whole(terraform)
        for function in functions(shown).values():
            function["code_sha256"] = "other"
        return shown

    monkeypatch.setattr(Terraform, "state", swapped)
    with pytest.raises(
        CommandError, match=r"small-count: Lambda runs other code than was reviewed.*make rollback ENV=dev"
    ):
        world.promote()


def test_a_state_that_moves_on_while_it_is_planned_stops_the_apply(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Terraform.plan

    def overtaken(terraform: Terraform, *arguments: Any, **how: Any) -> dict[str, Any]:
        shown = whole(terraform, *arguments, **how)
        world.state_moves_on()
        return shown

    monkeypatch.setattr(Terraform, "plan", overtaken)
    with pytest.raises(CommandError, match=r"somebody else is applying. Nothing was applied; try again"):
        world.promote()
    assert world.seconds() != world.wanted


def test_an_apply_that_fails_says_so_and_what_comes_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Terraform.plan

    def pulled_away(terraform: Terraform, *arguments: Any, **how: Any) -> dict[str, Any]:
        shown = whole(terraform, *arguments, **how)
        world.client("sqs").delete_queue(**world.queue)
        return shown

    with monkeypatch.context() as patch:
        patch.setattr(Terraform, "plan", pulled_away)
        with pytest.raises(
            CommandError,
            match=r"(?s)the apply failed, and what it had done until then stays.*small-work.*the next promote",
        ):
            world.promote()
    world.change()
    assert world.propose() == 0
    assert world.promote() == 0
