"""A tree is proposed, and what was reviewed is applied or nothing: on an account of the local cloud, in its S3 state and its bucket."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from devcloud.runs import LocalCloudError
from release import propose
from release.artifacts import Artifacts
from release.changes import functions
from release.ground import Terraform
from release.packages import key_of
from tests.release.plans_world import World, small_world

# The emulator outlives the object that started it; `emulator.stop` ends it.
pytestmark = pytest.mark.filterwarnings("ignore:.*(subprocess .* is still running|Popen.__del__).*")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The small project, proposed and promoted once."""
    with small_world(tmp_path_factory.mktemp("plans")) as world:
        with pytest.raises(LocalCloudError, match=r"no reviewed plan of this tree.*make propose ENV=dev"):
            world.promote()
        assert world.propose() == 0
        assert world.promote() == 0
        yield world


@pytest.fixture
def world(deployed: World) -> World:
    """The deployed project with a change that was proposed, and so is reviewed."""
    deployed.wanted = deployed.change()
    assert deployed.propose() == 0
    return deployed


def test_the_reviewed_plan_is_applied_and_the_zip_in_the_bucket_runs(world: World) -> None:
    assert world.answer() == world.code
    world.code = "two"
    wanted = world.change()
    assert world.propose() == 0
    assert world.seconds() != wanted, "to propose changes nothing"
    assert world.promote() == 0
    assert (world.seconds(), world.answer()) == (wanted, "two")
    assert re.search(r"small-count: version \d → \d", world.told)
    assert "make rollback ENV=dev" in world.told


def test_the_same_tree_is_proposed_and_promoted_again(world: World) -> None:
    plan = world.read(world.key())
    assert world.propose() == 0
    assert "planned before, at commit" in world.told
    assert "with the same changes" in world.ground.file(".md").read_text()
    assert world.read(world.key()) == plan, "the first one stands"
    assert world.promote() == 0
    assert world.promote() == 0
    assert "nothing is left to do" in world.told


def test_a_plan_with_nothing_to_do_is_fine(world: World) -> None:
    assert world.promote() == 0
    world.write(world.pipeline.read_text() + "# no change\n")
    assert world.propose() == 0
    assert "## dev: nothing to do" in world.ground.file(".md").read_text()
    assert world.promote() == 0


def test_a_stale_plan_with_equal_changes_is_made_again_and_applied(world: World) -> None:
    world.state_moves_on()
    assert world.promote() == 0
    assert "the state has moved on" in world.told
    assert "the changes equal the reviewed ones" in world.told
    assert world.seconds() == world.wanted


def test_a_stale_plan_with_other_changes_is_refused_in_words_until_they_were_read(world: World) -> None:
    world.client("sqs").set_queue_attributes(**world.queue, Attributes={"VisibilityTimeout": "77"})
    world.client("dynamodb").delete_table(TableName="small-rows")
    world.state_moves_on()
    with pytest.raises(LocalCloudError, match="nothing was applied") as refused:
        world.promote()
    words = str(refused.value)
    assert re.search(rf"reviewed was: update .*visibility_timeout_seconds \d+ → {world.wanted}\n +now it is: .* 77 → {world.wanted}", words)
    assert "was never reviewed: create module.votes.aws_dynamodb_table.rows" in words
    assert world.seconds() == "77"
    with pytest.raises(LocalCloudError, match="nothing was applied"):
        world.promote(read="0" * 64)

    assert world.propose() == 1, "whoever looks at the pull request again must see it too"
    assert "with OTHER changes" in world.ground.file(".md").read_text()

    assert world.promote(read=re.findall(r"REVIEWED=(\w{64})", words)[0]) == 0
    assert world.seconds() == world.wanted


def test_a_digest_that_was_read_is_not_the_stored_plans(world: World) -> None:
    """Not stale: what the person read is not what there is to do, so the reviewed plan is not applied in its stead."""
    with pytest.raises(LocalCloudError, match="nothing was applied"):
        world.promote(read="0" * 64)
    assert world.seconds() != world.wanted


def test_a_swapped_zip_is_refused(world: World) -> None:
    (package,), _ = world.built(world.ground)
    good = world.read(package.key)
    world.overwrite(package.key, b"something else")
    try:
        with pytest.raises(LocalCloudError, match=r"holds other bytes.*swapped"):
            world.promote()
        with pytest.raises(LocalCloudError, match=r"holds other bytes.*swapped"):
            propose.publish(world.ground, world.said.append)
    finally:
        world.overwrite(package.key, good)
    assert world.seconds() != world.wanted


def test_a_zip_that_is_gone_is_refused(world: World) -> None:
    (package,), _ = world.built(world.ground)
    world.client("s3").delete_object(Bucket=world.bucket, Key=package.key)
    with pytest.raises(LocalCloudError, match=r"is gone.*make publish"):
        world.promote()
    assert propose.publish(world.ground, world.said.append) == 0
    assert world.promote() == 0


def test_another_tree_is_refused_and_a_merge_of_the_same_tree_is_not(world: World) -> None:
    text = world.pipeline.read_text()
    world.pipeline.write_text(text + "# not committed\n")
    for command in (world.propose, world.promote):
        with pytest.raises(LocalCloudError, match=r"not what was committed \(terraform/pipelines/votes/main.tf\).*INSIST=yes"):
            command()
    with pytest.raises(LocalCloudError, match="no reviewed plan of this tree"):
        world.promote(insist=True)
    world.git("commit", "-qam", "another tree")
    with pytest.raises(LocalCloudError, match="no reviewed plan of this tree"):
        world.promote()
    world.write(text)  # another commit with the tree that was reviewed, as a merge makes it
    assert world.promote() == 0
    assert world.seconds() == world.wanted


def test_what_is_insisted_on_is_found_by_the_files_as_they_are(world: World) -> None:
    world.pipeline.write_text(world.pipeline.read_text() + "# on a laptop\n")
    assert propose.propose(world.ground, world.said.append, insist=True) == 0
    world.git("commit", "-qam", "the same files, committed")
    assert world.promote() == 0


def test_nothing_is_put_twice(deployed: World) -> None:
    artifacts = Artifacts(deployed.ground)
    plan = deployed.read(deployed.key())
    assert not artifacts.put_once(deployed.key(), b"another plan")
    assert deployed.read(deployed.key()) == plan


def test_a_plan_of_another_configuration_is_refused(world: World) -> None:
    """It changes what was reviewed, and would run something besides."""
    held = io.BytesIO(world.read(world.key()))
    forged = io.BytesIO()
    with zipfile.ZipFile(held) as plan, zipfile.ZipFile(forged, "w") as other:
        for entry in plan.infolist():
            content = plan.read(entry)
            if entry.filename == "tfconfig/m-votes/main.tf":
                content += b'\nresource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n'
            other.writestr(entry, content)
    world.forge(forged.getvalue())
    with pytest.raises(LocalCloudError, match=r"another configuration than this tree's .*pipelines/votes/main.tf"):
        world.promote()
    assert world.seconds() != world.wanted


def test_a_summary_that_is_not_the_plans_is_refused(world: World) -> None:
    summary = world.read(world.key("summary.json"))
    for name, forged, refusal in (
        ("digest", "0" * 64, r"not the one that was reviewed.*digest is \w{64}, and its summary says 0+"),
        ("plan_sha256", "0" * 64, r"not the one that was reviewed.*plan_sha256"),
        ("environment", "prod", r"environment is dev, and its summary says prod"),
        ("tree", "0" * 40, r"not the one that was reviewed.*tree"),
        ("terraform", "1.10.0", r"made by Terraform 1\.10\.0, and here is 1\."),
        ("format", "0", r"is no summary of format 1"),
    ):
        world.forge(None, **{name: forged})
        with pytest.raises(LocalCloudError, match=refusal):
            world.promote()
        world.overwrite(world.key("summary.json"), summary)
    assert world.seconds() != world.wanted


def test_a_plan_without_its_summary_waits_for_another_propose(world: World) -> None:
    world.client("s3").delete_object(Bucket=world.bucket, Key=world.key("summary.json"))
    with pytest.raises(LocalCloudError, match=r"has no summary.*make propose"):
        world.promote()
    assert world.propose() == 0
    assert world.promote() == 0


def test_another_account_is_refused(deployed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "222222222222")
    for command in (deployed.propose, deployed.promote):
        with pytest.raises(LocalCloudError, match=r"222222222222.*111111111111"):
            command()


def test_code_from_elsewhere_is_refused(deployed: World) -> None:
    text = deployed.pipeline.read_text()
    deployed.write(text.replace("package = var.packages", 'package = merge(var.packages["count"], { key = "mine.zip" }) # '))
    deployed.client("s3").put_object(Bucket=deployed.bucket, Key="mine.zip", Body=deployed.read(deployed.built(deployed.ground)[0][0].key))
    assert deployed.propose() == 0
    with pytest.raises(
        LocalCloudError, match=rf"would take its code from {deployed.bucket}/mine\.zip, not from {deployed.bucket}/{key_of('')[:9]}"
    ):
        deployed.promote()
    deployed.write(text)


def test_there_is_no_bucket_yet(deployed: World) -> None:
    with pytest.raises(LocalCloudError, match=r"no artifact bucket sluice-staging-artifacts-\d+: `make account ENV=staging`"):
        Artifacts(replace(deployed.ground, environment="staging")).put_once("x", b"")


def test_other_code_in_lambda_than_was_reviewed_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Terraform.state

    def swapped(terraform: Terraform) -> dict[str, Any]:
        shown = whole(terraform)
        for function in functions(shown).values():
            function["code_sha256"] = "other"
        return shown

    monkeypatch.setattr(Terraform, "state", swapped)
    with pytest.raises(LocalCloudError, match=r"small-count: Lambda runs other code than was reviewed.*make rollback ENV=dev"):
        world.promote()


def test_an_apply_that_fails_says_so_and_what_comes_next(world: World) -> None:
    world.client("sqs").delete_queue(**world.queue)
    with pytest.raises(LocalCloudError, match=r"(?s)the apply failed, and what it had done until then stays.*small-work.*the next promote"):
        world.promote()
    world.change()
    assert world.propose() == 0
    assert world.promote() == 0
