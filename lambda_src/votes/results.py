"""results: what a title's standing votes say, as of the last closed epoch; which titles lead."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared import clients, clock, entrance, http, logs, settings
from shared.http import HttpError
from shared.versions import NewerVersion
from shared.visible import shown
from votes import stamps, tallies, titles
from votes.ballot import Code
from votes.requests import title_of
from votes.settings import ResultsSettings
from votes.standing import VOTERS, counter
from votes.tallies import Fold
from votes.titles import Rankings

ROUTES = ("GET /v1/titles/{title_id}/results", "GET /v1/titles")
SECONDS_KEPT = 1
PASSING = (ClientError, BotoCoreError, NewerVersion)
UNAVAILABLE = HttpError(
    503,
    "table-unavailable",
    "the counts cannot be read now: ask again later",
    headers={"retry-after": "5"},
)

Json = dict[str, Any]


class Results:
    """The function's work; one a worker, because the fold row is remembered for a second."""

    def __init__(self, config: ResultsSettings, dynamodb: Any) -> None:
        self._config, self._dynamodb = config, dynamodb
        self._scores = range(config.scale.lowest, config.scale.highest + 1)
        self._fold: tuple[Fold | None, float] = (None, 0.0)
        self._rankings = Rankings(config.rankings_bucket)

    def handle(self, event: Json) -> Json:
        """The answer to a request of the configured entrance; whatever came in, never an
        exception.
        """
        return entrance.answer(self._config, event, ROUTES, self._answered)

    def _answered(self, event: Json) -> Json:
        return http.answered("results", lambda: self._asked(event), PASSING, UNAVAILABLE)

    def _asked(self, event: Json) -> Json:
        if str(event.get("rawPath", "")).endswith("/titles"):
            http.require(event, "GET", "/v1/titles")
            answer, seconds = self._titles(event), titles.SECONDS_KEPT
        else:
            http.require(event, "GET", "/results")
            answer, seconds = self._results(title_of(event)), SECONDS_KEPT
        logs.logger().info("answered", extra={"status": 200})
        return http.reply(200, answer, {"cache-control": f"max-age={seconds}"})

    def _titles(self, event: Json) -> Json:
        wanted = titles.asked(event, self._config.aspects)
        return titles.answer_of(wanted, self._rankings.latest(), self._config.aspects)

    def _results(self, title_id: str) -> Json:
        fold = self._last_fold()  # before the tally, which is then at least as new
        row = self._item(self._config.tallies_table, title_id, consistent=True)
        counters = tallies.shown(title_id, row or {}, fold.view if fold else None)
        if row is None and not counters and not self._is_listed(title_id):
            raise HttpError(
                404,
                Code.UNKNOWN_TITLE,
                f"there are no votes on the title {shown(title_id)} yet: "
                "a ballot that was accepted just now shows a slot later",
            )
        as_of = stamps.to_rfc3339(fold.shown_at) if fold and fold.shown_at else None
        return answer_of(title_id, counters, self._config.aspects, self._scores, as_of)

    def _is_listed(self, title_id: str) -> bool:
        return self._item(self._config.catalogue_table, title_id, consistent=False) is not None

    def _last_fold(self) -> Fold | None:
        """The fold row with the view, as it was in the second before; None before the first."""
        fold, until = self._fold
        now = clock.monotonic()
        if until <= now:
            item = self._item(self._config.tallies_table, tallies.FOLD, consistent=True)
            fold = tallies.read_fold(item) if item else None
            self._fold = (fold, now + SECONDS_KEPT)
        return fold

    def _item(self, table: str, title_id: str, *, consistent: bool) -> Json | None:
        item: Json | None = self._dynamodb.get_item(
            TableName=table, Key={"title_id": {"S": title_id}}, ConsistentRead=consistent
        ).get("Item")
        return item


def answer_of(
    title_id: str,
    counters: Mapping[str, int],
    aspects: Sequence[str],
    scores: Sequence[int],
    as_of: str | None,
) -> Json:
    """The answer's body for a title's counters, with every aspect and every score."""
    by_aspect: Json = {}
    for aspect in aspects:
        histogram = {score: _number(counters, counter(aspect, score)) for score in scores}
        votes = sum(histogram.values())
        mean = round(sum(score * n for score, n in histogram.items()) / votes, 4) if votes else None
        by_aspect[aspect] = {
            "votes": votes,
            "mean": mean,
            "histogram": {str(score): n for score, n in histogram.items()},
        }
    return {
        "title_id": title_id,
        "voters": _number(counters, VOTERS),
        "aspects": by_aspect,
        "as_of": as_of,
    }


def _number(counters: Mapping[str, int], name: str) -> int:
    """A counter.

    One below zero is shown as none: until a person repairs the tallies, a mended entry's votes are
    missing from them.
    """
    return max(0, counters.get(name, 0))


@cache
def _worker() -> Results:
    return Results(settings.load(ResultsSettings), clients.client("dynamodb"))


def handler(event: Json, context: Any) -> Json:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle(event)


settings.at_start(_worker)
