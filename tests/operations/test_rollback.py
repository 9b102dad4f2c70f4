"""make rollback: which aliases go back to which version, in which order, and never forward."""

from __future__ import annotations

import io
import json
import random
from datetime import timedelta
from itertools import chain

import pytest
from rich.console import Console

from tests.operations.stand_ins import BEGAN, FUNCTIONS, FakeDeployment, Lambda, functions
from tools.common.errors import CommandError
from tools.operations import rollback
from tools.operations.votes.pipeline import PIPELINE as VOTES
from tools.simulation.aws.cloud import Cloud

LATER = BEGAN + timedelta(days=1)


class Rolled:
    """A deployment with seven functions and a bucket for the audit."""

    def __init__(self) -> None:
        cloud = Cloud(lambda: 0, random.Random(1))
        cloud.s3.create_bucket("quarantine")
        self.objects = cloud.s3.buckets["quarantine"]
        self.aws = Lambda()
        clients = {"lambda": self.aws, "s3": cloud.client("s3")}
        outputs = {"clients": clients, "functions": functions(), "quarantine_bucket": "quarantine"}
        self.deployment = FakeDeployment("prod", outputs, "http://here", {})

    def release(self, version: int, after: timedelta, *names: str) -> None:
        """Publish a version of these functions, a second apart, and point their aliases at it."""
        for number, name in enumerate(names):
            self.aws.versions[name][version] = BEGAN + after + timedelta(seconds=number)
            self.aws.aliases[name] = str(version)

    def run(self, *, dry_run: bool = False) -> str:
        console = Console(width=300, file=io.StringIO(), record=True)
        assert rollback.run([(self.deployment, VOTES)], console, dry_run=dry_run) == 0
        return console.export_text()

    def audited(self) -> list[dict[str, object]]:
        texts = [stored.body.decode() for stored in self.objects.values()]
        lines = map(json.loads, chain.from_iterable(text.splitlines() for text in texts))
        return [line for line in lines if "left" in line]


@pytest.fixture
def rolled() -> Rolled:
    return Rolled()


def test_everything_that_the_last_release_changed_goes_back_who_writes_first(rolled: Rolled) -> None:
    rolled.release(2, timedelta(days=1), *FUNCTIONS)
    printed = rolled.run()
    assert rolled.aws.moves == [
        (name, "1")
        for name in ("receive", "process", "write", "tally", "results", "vote", "rank", "conservation", "probe")
    ]
    assert "write: goes from version 2 of 2026-11-22 08:00:02 UTC back to version 1" in printed
    assert "make smoke PIPELINE=votes ENV=prod" in printed
    assert [(line["function"], line["left"], line["to"]) for line in rolled.audited()] == [
        (name, 2, 1) for name, _ in rolled.aws.moves
    ]


def test_what_the_last_release_did_not_change_stays(rolled: Rolled) -> None:
    rolled.release(2, timedelta(days=1), "process", "write", "tally")
    rolled.release(3, timedelta(days=2), "write")
    printed = rolled.run()
    assert rolled.aws.moves == [("write", "2")]
    assert "process: stays at version 2 of 2026-11-22 08:00:00 UTC, which the last release did not change" in printed


def test_a_new_function_has_nothing_before_it_and_is_named(rolled: Rolled) -> None:
    rolled.release(2, timedelta(days=1), "receive", "write")
    rolled.aws.versions["probe"] = {1: LATER}
    printed = rolled.run()
    assert rolled.aws.moves == [("receive", "1"), ("write", "1")]
    assert "probe: stays at version 1 of 2026-11-22 08:00:00 UTC, there is no version before it" in printed


def test_a_second_rollback_goes_further_back_and_never_forward(rolled: Rolled) -> None:
    for version in (2, 3):
        rolled.release(version, timedelta(days=version), *FUNCTIONS)
    rolled.run()
    assert set(rolled.aws.aliases.values()) == {"2"}
    rolled.run()
    assert set(rolled.aws.aliases.values()) == {"1"}
    with pytest.raises(CommandError, match="no version to go back to"):
        rolled.run()
    assert set(rolled.aws.aliases.values()) == {"1"}


def test_a_version_that_was_gone_back_from_is_told(rolled: Rolled) -> None:
    rolled.release(2, timedelta(days=1), "write")
    rolled.run()
    rolled.release(3, timedelta(days=2), "write")
    assert "back to version 2 (which was gone back from before: run this again to go past it)" in rolled.run()
    assert rolled.aws.aliases["write"] == "2"


def test_a_dry_run_says_it_all_and_changes_nothing(rolled: Rolled) -> None:
    rolled.release(2, timedelta(days=1), *FUNCTIONS)
    printed = rolled.run(dry_run=True)
    assert "tally: goes from version 2" in printed
    assert "make rollback PIPELINE=votes ENV=prod" in printed
    assert rolled.aws.moves == []
    assert not rolled.objects, "no audit of nothing"


def test_an_alias_that_somebody_moves_meanwhile_is_not_overwritten(rolled: Rolled) -> None:
    rolled.release(2, timedelta(days=1), *FUNCTIONS)
    rolled.aws.moved_by_another = {"write"}
    with pytest.raises(CommandError, match=r"could not be rolled back all the way .*PreconditionFailed.*try again"):
        rolled.run()
    assert [name for name, _ in rolled.aws.moves] == ["receive", "process"]
    assert [line["function"] for line in rolled.audited()] == ["receive", "process"]


def test_an_alias_that_points_at_no_published_version_is_named(rolled: Rolled) -> None:
    rolled.aws.aliases["tally"] = "$LATEST"
    with pytest.raises(CommandError, match=r"live of tally points at '\$LATEST'"):
        rolled.run()
