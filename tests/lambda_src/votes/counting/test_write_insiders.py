"""What somebody with rights on queue or journal puts there stops one shard, or one ballot."""

import zlib

from tests.lambda_src.votes.counting.writing import SHARDS, VOTERS, Rig, message
from votes.ballot import Ballot


def test_an_entry_that_unpacks_to_a_flood_stops_its_shard_alone(rig: Rig) -> None:
    rig.journal.create_head(1, SHARDS)
    rig.journal.append(1, 1, b"\x01" + zlib.compress(b" " * (200 * 2**20)), 1)
    assert rig.handle(message(1), message(2)) == [0]
    assert rig.votes() == [(VOTERS[2], "up")]


SENT_US, HOUR_US = 1_795_000_000_123_000, 3_600_000_000
YEAR_2255_US = 2**53 - 1


def test_a_stamp_over_an_hour_ahead_of_the_queue_is_quarantined(rig: Rig) -> None:
    """It would have beaten every later ballot of its voter, until the year 2255."""
    stamps = {"in time": SENT_US + HOUR_US, "ahead": SENT_US + HOUR_US + 1, "2255": YEAR_2255_US}
    ballots = [Ballot(VOTERS[1], name.replace(" ", "-"), {"story": 3}, "b", at) for name, at in stamps.items()]
    assert rig.handle(message(1, *ballots)) == []
    assert rig.votes() == [(VOTERS[1], "in-time")]
    assert [(line["reason"], line["ballot"][1]) for line in rig.shelf.lines] == [
        ("too-late", "ahead"),
        ("too-late", "2255"),
    ]
    assert "over an hour after the message was sent" in rig.shelf.lines[0]["detail"]
