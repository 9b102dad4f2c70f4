"""The release before this one and this one, each function of either, on the same messages, journal
entries and rows.
"""

from __future__ import annotations

import itertools

import pytest

from shared import conserved
from tests.upgrade.rig import ASPECTS, FOLD_SECONDS, SCORES, Rig
from tests.upgrade.side_by_side import (
    FUNCTIONS,
    SHARDS,
    TAKES_FROM,
    Crash,
    Release,
)
from tools.operations.votes.import_ballots import packed
from tools.simulation.aws.calls import Call
from tools.simulation.votes.deployed import MAPPINGS, NAME, START_US
from votes import entry
from votes.ballot import Ballot
from votes.entry import Content, Kind
from votes.last_entry import HEAD_EVERY, end_of
from votes.rules import Rules
from votes.shards import shard_of

DAY_US = 86_400_000_000
MIXES = list(itertools.product((False, True), repeat=len(FUNCTIONS)))


def test_they_are_two_releases(old: Release, new: Release) -> None:
    assert old.modules["votes.write"].__file__ != new.modules["votes.write"].__file__
    assert "votes.reserved" in new.modules
    assert "votes.reserved" not in old.modules
    import votes.write

    assert votes.write not in (old.modules["votes.write"], new.modules["votes.write"])


@pytest.mark.parametrize("which", MIXES, ids=lambda which: "".join("n" if one else "o" for one in which))
def test_every_mix_of_old_and_new_functions_counts_right(rig: Rig, which: tuple[bool, ...]) -> None:
    """Then the other way round over the same rows: whatever one has written, the other changes."""
    mix = {function: rig.new if one else rig.old for function, one in zip(FUNCTIONS, which, strict=True)}
    other = {function: rig.old if one else rig.new for function, one in zip(FUNCTIONS, which, strict=True)}
    for now in (mix, other, mix):
        rig.pass_through(now)
        rig.check(now["results"])
    rig.check(other["results"])
    assert rig.world.failed == []


@pytest.mark.parametrize("which", list(itertools.product((False, True), repeat=3)), ids=str)
def test_an_upgrade_and_a_way_back_raise_no_false_loss(rig: Rig, which: tuple[bool, ...]) -> None:
    """The old release names witnesses otherwise than this one: what one accepts and the other
    settles cannot be told, and is not said to be lost. A while later, what is lost is.
    """
    old, new = (dict.fromkeys(FUNCTIONS, release) for release in (rig.old, rig.new))
    mix = new | {name: rig.new if one else rig.old for name, one in zip(FUNCTIONS, which, strict=False)}
    seen = rig.world.witnesses
    for now in (old, mix, new, mix, old, mix, new):
        rig.pass_through(now, 10)
        assert seen.missing == set()
    assert seen.not_judged == len(seen.accepted) > 0

    rig.world.sleep(conserved.HANDOVER_MS / 1000 + 1)
    rig.pass_through(new)
    assert seen.missing == set()
    assert seen.not_judged < len(seen.accepted)
    rig.world.post(rig.new, rig.ballots(1))
    rig.world.cloud.sqs.queues[TAKES_FROM["process"].name].purge()
    rig.pass_through(new)
    assert len(seen.missing) == 1


@pytest.mark.parametrize("entries", range(1, HEAD_EVERY + 1))
def test_the_old_write_finishes_all_that_the_new_one_left_past_the_head(rig: Rig, entries: int) -> None:
    """Going back: as many entries as there can be, finished one after the other in one message."""
    old, new = (dict.fromkeys(FUNCTIONS, release) for release in (rig.old, rig.new))
    for _ in range(entries):
        rig.world.post(rig.new, rig.ballots(12))
        rig.world.run(rig.new, "process")
        rig.world.run(rig.new, "write")
    ends = [end_of(rig.journal(), shard) for shard in range(SHARDS)]
    assert any(end > rig.journal().head(shard).done for shard, end in enumerate(ends)) == (entries < HEAD_EVERY)
    rig.pass_through(old, 12)
    assert rig.world.failed == []
    rig.check(rig.old)
    rig.pass_through(new, 12)
    rig.check(rig.new)


@pytest.mark.parametrize("first", ["old", "new"])
def test_an_entry_that_one_appended_and_died_of_is_finished_by_the_other(rig: Rig, first: str) -> None:
    one, other = (rig.old, rig.new) if first == "old" else (rig.new, rig.old)
    rig.world.post(one, rig.ballots(20))
    rig.world.run(one, "process")
    rig.dies.once("BatchExecuteStatement")
    with pytest.raises(Crash):
        rig.world.run(one, "write")
    assert any("entry" in row for row in rig.world.rows("journal"))
    assert not list(rig.world.rows("votes")), "the entry stands, its votes are not put"
    rig.world.sleep(100)  # its messages' visibility
    assert rig.world.run(other, "write") > 0
    rig.world.sleep(10)
    rig.world.run(other, "tally")
    rig.check(other)


@pytest.mark.parametrize("first", ["old", "new"])
@pytest.mark.parametrize("after", [False, True])
def test_an_epoch_that_one_opened_and_died_of_is_folded_by_the_other(rig: Rig, first: str, after: bool) -> None:
    one, other = (rig.old, rig.new) if first == "old" else (rig.new, rig.old)
    rig.pass_through(dict.fromkeys(FUNCTIONS, one))
    rig.world.post(one, rig.ballots(20))
    rig.world.run(one, "process")
    rig.world.run(one, "write")
    rig.world.sleep(10 + FOLD_SECONDS)
    _die_in_the_titles(rig, one, after)
    assert [row for row in rig.world.rows("tallies") if "open" in row], "the epoch is open"
    rig.world.sleep(1000)
    assert rig.world.run(other, "tally") > 0
    rig.check(other)


@pytest.mark.parametrize("twice", [False, True])
def test_what_a_view_has_seen_the_old_tally_folds_and_nobody_shows_twice(rig: Rig, twice: bool) -> None:
    """It closes the epoch and leaves the view there; the new tally replaces it."""
    new = dict.fromkeys(FUNCTIONS, rig.new)
    rig.pass_through(new)
    for seen in range(2 + twice):
        rig.world.post(rig.new, rig.ballots(20))
        rig.world.run(rig.new, "process")
        rig.world.run(rig.new, "write")
        rig.world.sleep(10)
        rig.world.run(rig.new, "tally")
        assert bool([row for row in rig.world.rows("tallies") if "view" in row]) == (seen > 0), (
            "it is time to fold first"
        )
        rig.check(rig.new)
    rig.move_heads()
    rig.world.backstop(rig.old)
    assert [row for row in rig.world.rows("tallies") if "view" in row], "the old tally knows of none"
    rig.check(rig.old)
    rig.check(rig.new)
    rig.pass_through(dict.fromkeys(FUNCTIONS, rig.old), 20)
    rig.check(rig.new)
    rig.pass_through(new, 20)
    rig.check(rig.old)
    assert rig.world.failed == []


def _die_in_the_titles(rig: Rig, release: Release, after: bool) -> None:
    """The tally dies when it adds to the first title: before, or after that took effect."""
    seen: list[Call] = []

    def look(call: Call, *, late: bool) -> None:
        if (
            call.operation == "UpdateItem"
            and "voters" in str(call.params.get("ExpressionAttributeNames"))
            and late == after
        ):
            seen.append(call)
            raise Crash

    rig.dies.before = lambda call: look(call, late=False)  # type: ignore[method-assign]
    rig.dies.after = lambda call, answer: look(call, late=True)  # type: ignore[method-assign]
    with pytest.raises(Crash):
        rig.world.run(release, "tally")
    rig.dies.before = rig.dies.after = lambda *_: None  # type: ignore[method-assign,assignment]
    assert seen


OTHERS = {
    "a repair": Content(kind=Kind.REPAIR, added={"t0": {"story#5": 1}}),
    "an erasure": Content(kind=Kind.ERASURE, removed=[("v-erased", "t0")], put_by=0),
    "a mended entry": Content(kind=Kind.MENDED, note="was damaged"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_the_old_release_stops_at_an_entry_that_it_does_not_know_and_loses_nothing(rig: Rig, what: str) -> None:
    """Repairs, erasures and mended entries came with this release: UPGRADING.md says not to go back
    behind it for 30 days after one.
    """
    everything = dict.fromkeys(FUNCTIONS, rig.new)
    rig.pass_through(everything)
    shard = shard_of("v0", SHARDS)
    journal = rig.journal()
    done = end_of(journal, shard)
    assert journal.append(shard, done + 1, entry.encode_other(OTHERS[what]), rig.world.now)

    rig.world.post(rig.old, rig.ballots(30))
    rig.world.run(rig.old, "process")
    before = rig.world.waiting()["count"]
    rig.world.run(rig.old, "write")
    assert any("NewerVersion" in said for said in rig.world.said), "it says why"
    assert 0 < rig.world.waiting()["count"] < before, "the shard's messages come again; the other shard goes on"
    rig.world.sleep(10)
    rig.world.run(rig.old, "tally")

    rig.world.sleep(100)  # the later release comes back
    rig.world.run(rig.new, "write")
    rig.world.sleep(10)
    rig.world.backstop(rig.new)
    rig.world.run(rig.new, "tally")
    if what == "a repair":  # it has added what it said, beside the votes
        rig.world.cloud.client("dynamodb").update_item(
            TableName=f"{NAME}-tallies",
            Key={"title_id": {"S": "t0"}},
            UpdateExpression="ADD #counter :less",
            ExpressionAttributeNames={"#counter": "story#5"},
            ExpressionAttributeValues={":less": {"N": "-1"}},
        )
    rig.check(rig.new)
    rig.check(rig.old)


def test_the_old_tally_leaves_a_shard_alone_that_holds_an_entry_it_does_not_know(rig: Rig) -> None:
    rig.pass_through(dict.fromkeys(FUNCTIONS, rig.new))
    journal, shard = rig.journal(), 0
    done = end_of(journal, shard)
    assert journal.append(shard, done + 1, entry.encode_other(OTHERS["a mended entry"]), rig.world.now)
    journal.move_head(shard, done + 1)
    rig.world.said.clear()
    rig.world.backstop(rig.old)
    assert any("shards stopped" in said and f"entry {done + 1}" in said for said in rig.world.said)
    rig.world.backstop(rig.new)
    rig.check(rig.old)


@pytest.mark.parametrize("mix", [0, -1])
def test_what_an_import_sends_counts_once_in_either_release(rig: Rig, mix: int) -> None:
    """Years old, sent twice, and with the same voter's later ballots among them."""
    releases = [rig.new if is_new else rig.old for is_new in MIXES[mix]]
    years_ago = START_US - 3000 * DAY_US
    for n in range(60):
        votes = {aspect: rig.rng.choice(SCORES) for aspect in rig.rng.sample(ASPECTS, 2)}
        at = years_ago + (n * 7919 % 60) * 45 * DAY_US
        rig.cast.append(Ballot(f"v{n % 6}", f"t{n % 3}", votes, f"imported-{n}", at))
    queue = rig.world.cloud.sqs.queues[MAPPINGS[0].name]
    for message in 2 * list(packed(rig.cast, [years_ago + DAY_US], Rules(ASPECTS, 1, 5))):
        queue.send(message.body)
    rig.pass_through(dict(zip(FUNCTIONS, releases, strict=True)))
    rig.check(rig.new)
