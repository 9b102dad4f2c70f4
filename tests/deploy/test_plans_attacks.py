"""What whoever has the plan role can try: everything a pull request's code may put or foresee.

On an account of the local cloud. Each attack worked, or could have, while stored plans were
applied; now main applies a plan that it has just made itself.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.plans_world import World, small_world
from tools.common.errors import CommandError
from tools.deploy import packages
from tools.deploy.reviews import MOST_BYTES
from tools.deploy.target import Target
from tools.environment import zips

# The emulator outlives the object that started it; `emulator.stop` ends it.
pytestmark = pytest.mark.filterwarnings("ignore:.*(subprocess .* is still running|Popen.__del__).*")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with small_world(tmp_path_factory.mktemp("attacks")) as world:
        assert world.propose() == 0
        assert world.promote() == 0
        yield world


@pytest.fixture
def world(deployed: World) -> World:
    """The deployed project with a change on main that nobody has proposed yet."""
    deployed.wanted = deployed.change()
    return deployed


def test_other_zips_than_the_tree_builds_are_not_applied(world: World) -> None:
    """The plan role plans main's very tree with zips of its own, and stores what comes of it."""
    honest, world.code = world.code, "evil"
    assert world.propose() == 0
    world.code = honest
    with pytest.raises(CommandError, match=r"not what was reviewed(?s:.*)count\.zip: reviewed was \w{64}, built is"):
        world.promote()
    assert (world.seconds() == world.wanted, world.answer()) == (False, honest)


def test_a_digest_of_other_zips_given_as_reviewed_is_not_applied(world: World) -> None:
    """The same through REVIEWED=: a person is given the digest of a plan with other zips."""
    honest, world.code = world.code, "evil"
    assert world.propose() == 0
    digest = world.review()["digest"]
    world.forget()
    world.code = honest
    with pytest.raises(CommandError, match="not what was reviewed"):
        world.promote(reviewed_digest=digest)
    assert (world.seconds() == world.wanted, world.answer()) == (False, honest)


def test_a_zip_in_the_bucket_that_is_not_what_its_name_says_is_refused(world: World) -> None:
    """Whoever could put zips puts other bytes where this tree's zip belongs, and waits."""
    world.code = f"answer of {world.wanted}"
    (package,), _ = world.build(world.target)
    world.overwrite(package.key, b"something else")
    assert world.propose() == 0
    with pytest.raises(CommandError, match=r"count\.zip belongs, holds other bytes.*nothing was applied"):
        world.promote()
    assert world.seconds() != world.wanted
    world.overwrite(package.key, b"x" * (package.size + 1))
    with pytest.raises(CommandError, match=r"has more than \d+ bytes"):
        world.promote()
    world.client("s3").delete_object(Bucket=world.bucket, Key=package.key)
    assert world.promote() == 0
    assert world.answer() == world.code


def test_another_queue_under_the_same_address_is_not_what_was_reviewed(world: World) -> None:
    """The identity in the state is another queue's, with a name of the same length."""
    assert world.propose() == 0
    world.client("sqs").create_queue(QueueName="other-work", Attributes={"VisibilityTimeout": "30"})
    other = world.client("sqs").get_queue_url(QueueName="other-work")["QueueUrl"]
    mine = world.queue["QueueUrl"]
    seconds = world.seconds()
    world.client("sqs").set_queue_attributes(QueueUrl=other, Attributes={"VisibilityTimeout": seconds})
    state = world.state()
    moved = json.loads(json.dumps(state).replace(mine, other).replace(":small-work", ":other-work"))
    world.put_state(moved | {"serial": state["serial"] + 1})
    try:
        with pytest.raises(CommandError, match=r"not what was reviewed(?s:.*)other-work"):
            world.promote()
        with pytest.raises(CommandError, match="not what was reviewed"):
            world.promote(dry_run=True)
    finally:
        world.put_state(state | {"serial": state["serial"] + 2})
    attributes = world.client("sqs").get_queue_attributes(QueueUrl=other, AttributeNames=["VisibilityTimeout"])
    assert attributes["Attributes"]["VisibilityTimeout"] == seconds
    assert world.promote() == 0


def test_nothing_that_is_stored_is_ever_applied(world: World) -> None:
    """A plan with a backend, a lock and a modules.json of its own lies wherever one lay."""
    assert world.propose() == 0
    forged = world.root / "build/forged"
    with zipfile.ZipFile(forged, "w") as plan:
        backend = {"type": "s3", "config": {"bucket": "elsewhere", "access_key": "intruder"}}
        plan.writestr("tfplan", json.dumps({"backend": backend}))
        plan.writestr(".terraform.lock.hcl", 'provider "evil.example.com/x/aws" {}')
        plan.writestr("tfconfig/modules.json", "[]")
    tree = world.key.removeprefix("reviews/").removesuffix(".json")
    for key in (f"plans/{tree}/plan", f"reviews/{tree}/plan"):
        world.overwrite(key, forged.read_bytes())
    for suffix in (".tfplan", ".stored.tfplan", ".again.tfplan"):
        world.target.file(suffix).write_bytes(forged.read_bytes())
    serial = world.state()["serial"]
    assert world.promote() == 0
    assert world.seconds() == world.wanted
    assert world.state()["serial"] > serial, "the state is where this tree's backend.tf has it"


def test_what_was_put_first_for_a_tree_stops_it_and_is_told(world: World) -> None:
    """All that is left: a digest for a tree that somebody foresees. It says no, and never yes."""
    assert world.propose() == 0
    forged = world.review() | {"digest": "0" * 64, "made": "long ago\n::stop-commands::x\x1b[2J"}
    world.overwrite(world.key, json.dumps(forged).encode())
    assert world.propose() == 1
    assert "\x1b" not in world.output
    assert "\n::" not in world.output
    assert "came to ANOTHER digest" in world.output
    with pytest.raises(CommandError, match="made in another way"):
        world.promote()
    assert world.seconds() != world.wanted
    world.forget()


NO_REVIEW: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "no JSON": lambda _: b"\x00",
    "no object": lambda _: b"[]",
    "another format": lambda review: json.dumps(review | {"format": 2}).encode(),
    "no digest": lambda review: json.dumps({**review, "digest": None}).encode(),
    "too little": lambda review: json.dumps({"format": 1, "digest": review["digest"]}).encode(),
    "more than belongs": lambda review: json.dumps(review | {"plan": "x"}).encode(),
    "changes that are none": lambda review: json.dumps(review | {"changes": [{"text": "x"}]}).encode(),
    "texts that are none": lambda review: json.dumps(
        review | {"changes": [{"address": 1, "text": [], "sha256": {}}]}
    ).encode(),
    "deep": lambda _: b"[" * 200_000,
    "long": lambda _: b" " * (MOST_BYTES + 1),
}


def test_what_is_no_review_is_refused_in_words(world: World) -> None:
    assert world.propose() == 0
    good = world.review()
    for what, forged in NO_REVIEW.items():
        world.overwrite(world.key, forged(dict(good)))
        with pytest.raises(CommandError, match=r"is no review of format 1|has more than 5,000,000 bytes") as refused:
            world.promote()
        assert world.key in str(refused.value), what
    world.overwrite(world.key, json.dumps(good).encode())
    assert world.promote() == 0


def test_code_from_elsewhere_is_refused_where_it_is_proposed(deployed: World) -> None:
    text = deployed.pipeline.read_text()
    (package,), _ = deployed.build(deployed.target)
    for changed, said in (("key", r"mine\.zip"), ("bucket", r"elsewhere/packages/")):
        merged = f'package = merge(var.packages["count"], {{ {changed} = "{said.partition("/")[0]}" }}) # '.replace(
            "\\", ""
        )
        deployed.write(text.replace("package = var.packages", merged))
        with pytest.raises(CommandError, match=rf"would take its code from .*{said}.*none of the zips of this tree"):
            deployed.propose()
    assert package.key in deployed.stored()
    deployed.write(text)


def test_zips_that_lie_there_are_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged zip with a manifest that agrees with it, in the folder that a build would trust."""
    world = World(tmp_path)
    (tmp_path / "environments/dev").mkdir(parents=True)
    folder = tmp_path / "build/plans/dev/packages/lambda"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"packages": {"evil": {"sha256": "0", "size": 1}}}')

    def package(platform: str, out: Path) -> Path:
        assert not list(out.glob("*")), "it begins with an empty folder"
        (out / platform).mkdir(parents=True)
        (out / platform / "manifest.json").write_text('{"packages": {"count": {"sha256": "1", "size": 2}}}')
        return out / platform / "packages.tfvars.json"

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(zips, "package", package)
    monkeypatch.setattr(Target, "__post_init__", lambda _: None)
    built, _ = packages.build(world.target, afresh=True)
    assert [one.name for one in built] == ["count"]
