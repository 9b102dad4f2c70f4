"""Votes in full and packed, while one release replaces the other and the setting is turned."""

from __future__ import annotations

import pytest

from tests.upgrade.rig import Rig
from tests.upgrade.side_by_side import FUNCTIONS, Crash
from votes import aspects


def test_votes_are_packed_from_one_moment_on_and_in_full_again_and_stand_side_by_side(rig: Rig) -> None:
    """The setting is turned on and off with rows of either form there; a writer dies between."""
    old, new = (dict.fromkeys(FUNCTIONS, release) for release in (rig.old, rig.new))
    rig.pass_through(old)
    rig.pass_through(new)
    seen: set[str] = set()
    for packs in (True, False, True, False):
        rig.world.packed = packs
        rig.world.post(rig.new, rig.ballots(8))
        rig.world.run(rig.new, "process")
        rig.dies.once("BatchExecuteStatement")
        with pytest.raises(Crash):
            rig.world.run(rig.new, "write")
        rig.world.packed = not packs
        rig.world.sleep(100)
        assert rig.world.run(rig.new, "write") > 0
        rig.world.packed = packs
        rig.pass_through(new, 8)
        rig.check(rig.new)
        seen |= {form for row in rig.world.rows("votes") for form in row["standing"] if not aspects.is_it(row)}
    assert seen == {"M", "B"}
    assert rig.world.failed == []


def test_the_old_release_leaves_packed_votes_for_the_new_one_and_loses_nothing(rig: Rig) -> None:
    """upgrading.md says to go back no more once votes are packed; whoever does it all the same goes
    forward again.
    """
    old, new = (dict.fromkeys(FUNCTIONS, release) for release in (rig.old, rig.new))
    rig.world.packed = True
    rig.pass_through(new)
    before = {str(row) for row in rig.world.rows("votes")}
    rig.world.post(rig.old, rig.ballots(30))
    rig.world.run(rig.old, "process")
    rig.world.run(rig.old, "write")
    assert any("NewerVersion" in said for said in rig.world.said), "it says why"
    assert rig.world.waiting()["count"] > 0
    assert {str(row) for row in rig.world.rows("votes")} >= before, "it has changed none of them"
    for packs in (True, False):
        rig.world.packed = packs
        rig.world.sleep(100)
        rig.pass_through(new)
        rig.check(rig.new)
    rig.check(old["results"])
