"""probe: checks that the probe voter's last ballot is counted, then casts the next.

A schedule calls it, and it keeps no state. A ballot goes the way of every other: receive, ingest
queue, process, count queue, write, tally. The next one waits until the one before is counted,
because a voter's row holds the last ballot only.
"""

import json
from functools import cache
from typing import Any, NamedTuple

from aws_lambda_powertools.metrics import MetricUnit

from shared import clients, clock, logs, settings
from shared.bearer import id_of
from votes import aspects, reserved, standing
from votes.rows import Vote, read_vote
from votes.settings import ProbeSettings
from votes.standing import Change, Delta
from votes.tallies import Tallies, shown


class NotTaken(Exception):
    """receive did not accept the probe's ballot."""


class LastBallot(NamedTuple):
    """What the tables say of the probe's last ballot that they hold.

    `cast_at` is in µs since the epoch; `wrong` (whether it is counted wrongly) is None where that
    is not known: the ballot is not counted yet, or another came meanwhile.
    """

    cast_at: int
    counted: bool
    wrong: bool | None


class Probe:
    """The function's work. The clients are DynamoDB's and Lambda's."""

    def __init__(self, config: ProbeSettings, dynamodb: Any, lambda_client: Any) -> None:
        self._config, self._dynamodb, self._lambda = config, dynamodb, lambda_client
        by_token = id_of(reserved.CLAIMS["iss"], reserved.CLAIMS["sub"])
        self.voter = by_token if config.voter_from == "token" else reserved.VOTER
        self._tallies = Tallies(dynamodb, config.tallies_table)
        self._aspects = aspects.by_get(dynamodb, config.votes_table)

    def handle(self) -> dict[str, Any]:
        """Check, report, cast: what there was, for who calls it by hand.

        Raises NotTaken, or what kept it from checking or casting.
        """
        try:
            vote = self._vote()
            last = self._last_ballot(vote) if vote else None
            age = self._report(last) if last else None
            cast = last is None or last.counted
            if cast:
                self._cast(vote)
        except Exception as error:
            logs.error("probe", error)
            raise
        return {
            "age_seconds": age,
            "counted": last and last.counted,
            "wrong": last and last.wrong,
            "cast": cast,
        }

    def _last_ballot(self, vote: Vote) -> LastBallot:
        cast_at = max(one.cast_at for one in vote.standing.values())
        fold = self._tallies.fold()
        if not fold or not fold.shows(self.voter, vote.n):
            return LastBallot(cast_at, False, None)
        row = self._item(self._config.tallies_table, title_id=reserved.TITLE)
        tallied = shown(reserved.TITLE, row or {}, fold.view)
        if self._vote() != vote:  # then the tally may hold the other one
            return LastBallot(cast_at, True, None)
        only: Delta = {}
        standing.add_delta(only, Change(self.voter, reserved.TITLE, None, vote.standing))
        wrong = {name: n for name, n in tallied.items() if n} != only
        if wrong:
            logs.logger().error(
                "probe counted wrongly", extra={"tallied": tallied, "standing": only}
            )
        return LastBallot(cast_at, True, wrong)

    def _report(self, last: LastBallot) -> float:
        """Write the metrics: the ballot's age in seconds.

        A ballot that waits to be counted ages on, beyond any that is.
        """
        age = max(0.0, (clock.now_us() - last.cast_at) / 1_000_000)
        logs.metrics().add_metric("ProbeAgeSeconds", MetricUnit.Seconds, age)
        if last.wrong is not None:
            logs.metrics().add_metric("ProbeWrong", MetricUnit.Count, int(last.wrong))
        logs.metrics().flush_metrics()
        return age

    def _cast(self, before: Vote | None) -> None:
        """Send receive a ballot that changes the first aspect's score. Raises NotTaken."""
        aspect, scale = self._config.aspects[0], self._config.scale
        latest = before.standing.get(aspect) if before else None
        score = scale.lowest if latest and latest.score == scale.highest else scale.highest
        ballot = {"voter_id": self.voter, "title_id": reserved.TITLE, "votes": {aspect: score}}
        answer = self._lambda.invoke(
            FunctionName=self._config.receive_function,
            Payload=json.dumps(reserved.request(ballot)).encode(),
        )
        reply = json.loads(answer["Payload"].read())
        if "FunctionError" in answer or reply.get("statusCode") != 202:
            status = reply.get("statusCode") or answer.get("FunctionError")
            raise NotTaken(f"receive answered {status} to the probe's ballot")

    def _vote(self) -> Vote | None:
        item = self._item(self._config.votes_table, voter_id=self.voter, title_id=reserved.TITLE)
        return read_vote(item, self._aspects.name_of) if item else None

    def _item(self, table: str, **key: str) -> dict[str, Any] | None:
        wanted = {name: {"S": value} for name, value in key.items()}
        item: dict[str, Any] | None = self._dynamodb.get_item(
            TableName=table, Key=wanted, ConsistentRead=True
        ).get("Item")
        return item


@cache
def _worker() -> Probe:
    return Probe(settings.load(ProbeSettings), clients.client("dynamodb"), clients.client("lambda"))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001
    """The Lambda handler."""
    return _worker().handle()


settings.at_start(_worker)
