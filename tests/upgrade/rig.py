"""Ballots that pass through two releases, and what must come of them."""

from __future__ import annotations

import random
from typing import Any

from tests.upgrade.side_by_side import Dies, Release, SideBySide
from tools.simulation.votes.ballots import expected
from tools.simulation.votes.deployed import ENVIRONMENTS, NAME
from votes import aspects, stamps
from votes.ballot import Ballot

Json = dict[str, Any]
ASPECTS, SCORES = ("story", "acting", "visuals", "music", "overall"), (1, 2, 3, 4, 5, None)
FOLD_SECONDS = int(ENVIRONMENTS["tally"]["FOLD_SECONDS"])


class Rig:
    """Both releases on one cloud, ballots that are cast, and what must come of them."""

    def __init__(self, old: Release, new: Release, seed: int) -> None:
        self.old, self.new = old, new
        self.dies = Dies()
        self.world = SideBySide(seed, self.dies)
        self.cast: list[Ballot] = []
        self.rng = random.Random(seed)

    def ballots(self, number: int) -> list[Json]:
        """Ballots of few voters on few titles: minds change, scores are withdrawn, and every fifth
        comes twice.
        """
        made: list[Json] = []
        for _ in range(number):
            self.world.now += 1
            votes = {aspect: self.rng.choice(SCORES) for aspect in self.rng.sample(ASPECTS, self.rng.randint(1, 3))}
            one = Ballot(
                f"v{self.rng.randrange(6)}", f"t{self.rng.randrange(3)}", votes, f"b{self.world.now}", self.world.now
            )
            self.cast.append(one)
            made.append(one._asdict() | {"cast_at": stamps.to_rfc3339(one.cast_at)})
        return made + made[::5]

    def pass_through(self, mix: dict[str, Release], number: int = 40) -> None:
        """Cast ballots and take them all the way, each function of the release that `mix` says."""
        self.world.post(mix["receive"], self.ballots(number))
        for function in ("process", "write"):
            assert self.world.run(mix[function], function) > 0
        self.world.sleep(10)
        assert self.world.run(mix["tally"], "tally") > 0
        if (mix["write"], mix["tally"]) == (self.new, self.old):
            self.move_heads()
            self.world.backstop(self.old)
        if mix["tally"] == self.new:
            self.fold_titles()

    def fold_titles(self) -> None:
        """As the new tally does when it is time: until then the old results do not show what its
        view has seen.
        """
        self.world.sleep(FOLD_SECONDS)
        self.world.backstop(self.new)

    def move_heads(self) -> None:
        """As the new tally does on its schedule: its write leaves up to eight entries a shard past
        the head, which the old tally does not see until an old write or a new tally has come by.
        """
        self.new.worker("tally")._folding.look_past_heads()

    def journal(self) -> Any:
        """The new release's journal."""
        client = self.world.cloud.client("dynamodb")
        return self.new.modules["votes.journal"].Journal(client, f"{NAME}-journal", f"{NAME}-votes")

    def check(self, reader: Release) -> None:
        """Everything is counted, and the results say so, as `reader` reads them."""
        assert self.world.waiting() == {"ingest": 0, "count": 0, "tick": 0}
        assert list(self.world.cloud.s3.buckets[next(iter(self.world.cloud.s3.buckets))]) == [], (
            "nothing is in quarantine"
        )
        standing, tallies = expected(self.cast)
        assert sum(not aspects.is_it(row) for row in self.world.rows("votes")) == len(standing)
        for title_id, counters in tallies.items():
            said = self.world.results(reader, title_id)
            shown = {
                f"{aspect}#{score}": n
                for aspect, one in said["aspects"].items()
                for score, n in one["histogram"].items()
                if n
            }
            assert shown | {"voters": said["voters"]} == counters
