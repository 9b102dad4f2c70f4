"""rank: called by its schedule, ranks the titles by their tallies and puts the ranking in a bucket.

It reads the tallies as they are, so a wrong ranking lasts until the next one. Readers of the
ranking read the object, so they cost the tables nothing.
"""

from functools import cache
from typing import Any

from shared import clients, logs, settings
from votes import ranking, reserved
from votes.ballot import is_identifier
from votes.ranking import Ranker, Ranking
from votes.settings import RankSettings
from votes.tallies import Tallies, all_shown
from votes.view import Mark

LEFT_MS = 5_000  # what putting the object may take


class TooManyTitles(Exception):
    """The tallies could not all be read in the function's time; the ranking before stands."""


class Rank:
    """The function's work; one a worker, because it remembers the epoch that it ranked last."""

    def __init__(self, config: RankSettings, dynamodb: Any, s3: Any) -> None:
        self._config, self._dynamodb, self._s3 = config, dynamodb, s3
        self._tallies = Tallies(dynamodb, config.tallies_table)
        self._scores = range(config.scale.lowest, config.scale.highest + 1)
        self._ranked: tuple[int, Mark | None] | None = None

    def handle(self, context: Any) -> dict[str, Any]:
        """Rank, unless results say the same: how many titles there are, for who calls by hand.

        Raises TooManyTitles, NewerVersion or the clients' errors; the ranking before stands then.
        """
        fold = self._tallies.fold()  # before the tallies, which are then at least as new
        if fold is None or (fold.epoch, fold.mark) == self._ranked:
            return {"titles": None}
        ranker, titles = Ranker(self._config.aspects), 0
        pages = ranking.pages(self._dynamodb, self._config.tallies_table)
        for counters in all_shown(pages, fold.view):
            kept = {title: row for title, row in counters.items() if _is_title(title)}
            titles += len(kept)
            ranker.add(
                ranking.read_title(title_id, row, self._config.aspects, self._scores)
                for title_id, row in kept.items()
            )
            if context.get_remaining_time_in_millis() < LEFT_MS:
                raise TooManyTitles(
                    f"after {titles} titles there was no time left: "
                    "give the function more time or memory (sizing.rank)"
                )
        made = Ranking(fold.epoch, fold.shown_at, ranker.places())
        self._s3.put_object(
            Bucket=self._config.rankings_bucket,
            Key=ranking.KEY,
            Body=ranking.encode(made),
            ContentType="application/json",
        )
        self._ranked = (fold.epoch, fold.mark)
        logs.logger().info("ranked", extra={"titles": titles, "epoch": fold.epoch})
        return {"titles": titles}


def _is_title(title_id: str) -> bool:
    """Whether a row's key is a title that people vote on: not the probe's, nor a row of ours."""
    return title_id != reserved.TITLE and is_identifier(title_id)


@cache
def _worker() -> Rank:
    config = settings.load(RankSettings)
    return Rank(config, clients.client("dynamodb"), clients.client("s3"))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(context)


settings.at_start(_worker)
