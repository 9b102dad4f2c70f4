"""A deployed environment on the live page: what it says, asks and costs; it changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.live.deployed import ACCOUNT, MADE, MINUTE, NOW, WHERE, Environment
from tests.live.scripted import served
from tests.support.plan import plan_of
from tools.common.errors import CommandError
from tools.environment.planned import outputs, resources
from tools.iam import evaluated, table
from tools.iam.roles import granted
from tools.live import __main__ as command_line
from tools.live.aws import command, metrics
from tools.live.aws.meter import Meter, billed
from tools.live.aws.policy import looking, policy
from tools.live.local import command as local
from tools.live.sampler import Sampler
from tools.live.stream import Hub
from tools.simulation.aws.actions import Need

CHECK = ("service", "votes-conservation")
BUTTONS = ("/heal", "/faults/votes-kill", "/load/votes", "/cures/1", "/letters/votes/redrive", "/letters/votes/park")


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield Environment(monkeypatch)


def test_each_figure_is_of_a_time_that_is_told(there: Environment) -> None:
    there.send("votes", "ingest")
    there.send("votes", "ingest", dead=True)
    there.put("AWS/Lambda", "Invocations", ("FunctionName", "sluice-prod-votes-process"), 90)
    there.put("AWS/Lambda", "Invocations", ("FunctionName", "sluice-prod-votes-process"), 30, at=MINUTE + 60)
    there.put("AWS/Lambda", "Errors", ("FunctionName", "sluice-prod-votes-write"), 2)
    there.put("AWS/Lambda", "Throttles", ("FunctionName", "sluice-prod-votes-write"), 7)
    there.put("AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", "sluice-prod-votes-ingest"), 42, at=MINUTE - 60)
    said = there.source().sample()
    assert said["as_of"] == NOW * 1000
    nodes = said["pipelines"]["votes"]["nodes"]
    queue = {"waiting": 1, "in_flight": 0, "delayed": 0, "dead": 1, "oldest_seconds": 42}
    assert nodes["queue/ingest"] == queue | {"oldest_as_of": MINUTE * 1000}
    assert nodes["queue/count"]["oldest_seconds"] is None
    of_the_minute = {"as_of": (MINUTE + 60) * 1000, "busy": None}
    assert nodes["function/process"] == {"rate": 1.5, "errors": 0, "mapping": "on"} | of_the_minute
    failing = {"failing": "failed ×2, throttled ×7"}
    assert nodes["function/write"] == {"rate": 0, "errors": 2, "mapping": "on"} | of_the_minute | failing
    assert nodes["function/receive"]["mapping"] == "none"
    assert said["pipelines"]["votes"]["edges"]["queue/ingest>function/process"] == 1.5
    assert set(said["pipelines"]) == set(MADE)
    assert {said["pipelines"]["votes"][one] for one in ("failures", "changes", "cost", "load", "law")} == {None}


def test_what_is_wrong_is_said_as_make_status_says_it(there: Environment) -> None:
    well = there.source().sample()["pipelines"]["votes"]["verdict"]
    assert well == {"well": True, "text": "well: no dead letters, nothing waits over 60 s", "findings": []}
    there.off.add("write")
    said = there.source().sample()["pipelines"]["votes"]
    finding = said["verdict"]["findings"][0]
    assert finding["text"] == "write takes nothing, its mapping is off"
    assert finding["command"] == "make mapping ENV=prod FUNCTION=write ON=yes"
    assert finding["cure"] is None, "a button would change something"
    assert said["nodes"]["function/write"]["failing"] == "mapping is off"


@pytest.mark.parametrize(("missing", "state"), [(0, "holds"), (3, "broken")])
def test_the_law_is_what_the_deployed_check_found(there: Environment, missing: int, state: str) -> None:
    there.put("sluice-prod-votes", "WitnessesAccepted", CHECK, 40, at=MINUTE - 300)
    there.put("sluice-prod-votes", "WitnessesMissing", CHECK, missing, at=MINUTE - 300)
    law = there.source().sample()["pipelines"]["votes"]["law"]
    assert (law["state"], law["missing"], law["as_of"]) == (state, missing, (MINUTE - 300) * 1000)
    assert [one["value"] for one in law["terms"]] == [40, 40 - missing]


def test_a_check_that_is_silent_says_nothing_of_the_law(there: Environment) -> None:
    for name in ("WitnessesAccepted", "WitnessesMissing"):
        there.put("sluice-prod-votes", name, CHECK, 0, at=MINUTE - metrics.WINDOW_SECONDS - 60)
    assert there.source().sample()["pipelines"]["votes"]["law"] is None


def test_depths_are_asked_for_each_time_and_the_rest_once_a_minute(there: Environment) -> None:
    source = there.source()
    first = source.sample()
    assert len(there.asked("GetMetricData")) == 1, "one call for all pipelines"
    there.calls.clear()
    there.now += 5
    second = source.sample()
    live = sum(len(consumers) for consumers, _ in MADE.values())
    assert [name for _, name, _ in there.calls] == ["GetQueueAttributes"] * live
    assert second["as_of"] - first["as_of"] == 5000
    there.now += 55
    source.sample()
    assert len(there.asked("GetMetricData")) == 1


def test_its_own_cost_is_told_by_counted_calls(there: Environment) -> None:
    cost = there.source().sample()["cost"]
    sqs = {name: [one for one in there.asked("GetQueueAttributes") if one["QueueUrl"].endswith(".fifo") is fifo]
           for name, fifo in (("sqs_requests", False), ("sqs_fifo_requests", True))}  # fmt: skip
    spent = len(sqs["sqs_requests"]) * 0.4e-6 + len(sqs["sqs_fifo_requests"]) * 0.5e-6
    asked = [params for _, name, params in there.calls if name in ("GetMetricStatistics", "DescribeAlarms")]
    spent += (len(there.asked("GetMetricData")[0]["MetricDataQueries"]) + len(asked)) * 1e-5
    assert there.meter.dollars == pytest.approx(spent)
    assert 0.02 < cost["dollars_an_hour"] < 0.1
    assert f"looking costs ${cost['dollars_an_hour']:.2f} an hour at list prices (us-east-1)" in cost["text"]
    assert billed("lambda", "GetEventSourceMapping", {}) == ("", 0)


def test_the_policy_allows_what_is_called_and_nothing_else(there: Environment) -> None:
    there.send("votes", "ingest", dead=True)
    there.source().sample()
    document = {"Version": "2012-10-17", "Statement": [_plain(one) for one in looking(there.places)]}
    assert granted(document) == there.used()
    own = policy(there.places, "prod")
    assert all(evaluated.allows(need, WHERE, own) for need in there.used())
    queue = WHERE.arn("sqs", "sluice-prod-votes-ingest")
    for action, resource in (
        ("sqs:ReceiveMessage", queue),
        ("sqs:GetQueueAttributes", f"{queue}-of-another"),
        ("lambda:InvokeFunction", WHERE.arn("lambda", "function:sluice-prod-votes-conservation:live")),
        ("lambda:UpdateEventSourceMapping", WHERE.arn("lambda", f"event-source-mapping:{'write':0>36}")),
        ("dynamodb:Scan", WHERE.arn("dynamodb", "table/sluice-prod-votes-votes")),
        ("logs:FilterLogEvents", WHERE.arn("logs", "log-group:/aws/lambda/sluice-prod-votes-write:*")),
    ):
        assert not evaluated.allows(Need(action, resource), WHERE, own)


def test_the_document_has_what_is_called(there: Environment) -> None:
    there.source().sample()
    rows = table.merged(map(_written, there.used()))
    found = table.markdown(rows, ("command", "on", "needs", "for"))
    assert table.in_document("live", table.DOCUMENT.read_text()) == found


def _written(need: Need) -> table.Row:
    """A right as the document has it."""
    said = need.resource.removeprefix("arn:aws:").replace(f":{WHERE.region}:{ACCOUNT}:", ":")
    for pipeline, (consumers, _) in MADE.items():
        for queue in consumers:
            short, dot, end = queue.partition(".")
            for name, word in ((queue, "<queue>"), (f"{short}-dlq{dot}{end}", "<queue>-dlq")):
                said = f"sqs:<name>-{word}" if said == f"sqs:sluice-prod-{pipeline}-{name}" else said
    said = "lambda:event-source-mapping:<of a consumer>" if said.startswith("lambda:event") else said
    return table.Row("`make live ENV=…`", f"`{said}`", need.action, f"`{need.action.partition(':')[2]}`")


def test_the_check_writes_its_metrics_under_the_names_that_are_asked_for() -> None:
    planned = plan_of("votes", "prod")
    alarms = resources(planned, "aws_cloudwatch_metric_alarm").values()
    alarm = next(one for one in alarms if one["alarm_name"].endswith("-witnesses-missing"))
    name = outputs(planned)["votes"]["functions"]["conservation"]["name"]
    assert alarm["namespace"] == name.removesuffix("-conservation")
    assert (alarm["metric_name"], alarm["dimensions"]) == (metrics.MISSING, dict([CHECK]))


def test_every_button_is_refused_and_nothing_is_asked(there: Environment) -> None:
    source = there.source()
    assert (source.about.account, source.about.can, source.about.read_only) == (ACCOUNT, (), True)
    with served(source) as client:
        answers = [client.post(path, "{}", client.page) for path in BUTTONS]
        assert [one.status for one in answers] == [405] * len(BUTTONS)
        assert "prod is read only" in json.loads(answers[0].data)["message"]
        assert [one["pipeline"] for one in json.loads(client.get("/flows").data)] == list(MADE)
    assert there.calls == []


def test_nothing_is_asked_of_aws_while_nobody_looks(there: Environment) -> None:
    async def work() -> None:
        hub, source = Hub(), there.source()
        source.about = type(source.about)("prod", ACCOUNT, (), 0.01)
        sampler = Sampler(source, hub)
        task = asyncio.create_task(sampler.run())
        await asyncio.sleep(0.05)
        assert there.calls == []
        events = hub.events(sampler.begin)
        async for content in events:
            if b"event: snap" in content:
                break
        await events.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0.05)  # what was under way ends
        before = len(there.calls)
        await asyncio.sleep(0.05)
        assert len(there.calls) == before > 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(work(), 10))


def test_env_chooses_whom_the_command_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []

    def noting(what: str) -> Any:
        def note(*asked: Any, **_: Any) -> int:
            ran.append((what, *asked))
            return 0

        return note

    monkeypatch.setattr(command, "run", noting("aws"))
    monkeypatch.setattr(command, "print_policy", noting("policy"))
    monkeypatch.setattr(local, "run", noting("local"))
    for given in ({"ENV": "prod", "PORT": "8080"}, {"ENV": "dev", "POLICY": "yes"}, {"ENV": "local"}, {}):
        with monkeypatch.context() as patched:
            patched.setattr("sys.argv", ["live", "live"])
            for name, value in given.items():
                patched.setenv(name, value)
            assert command_line.main() == 0
    assert ran == [("aws", "prod", "", 8080), ("policy", "dev", ""), ("local", "", None), ("local", "", None)]


def test_the_command_serves_what_the_guard_let_through_and_prints_the_policy(
    there: Environment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served_apps: list[Any] = []

    def serve(app: Any, _: Any, listener: Any) -> None:
        served_apps.append(app)
        listener.close()

    monkeypatch.setattr(command, "find_all", lambda _: there.there)
    monkeypatch.setattr(command, "serve", serve)
    assert command.run("prod", "votes", None) == 0
    said = capsys.readouterr().out
    assert said.startswith("votes of prod, read only\nlook: http://127.0.0.1:")
    assert len(served_apps) == 1
    assert command.print_policy("prod", "votes") == 0
    printed = json.loads(capsys.readouterr().out)
    assert {"s3:GetObject", "sqs:GetQueueAttributes"} <= {
        one for each in printed["Statement"] for one in each["Action"]
    }
    assert there.calls == []


def test_what_is_of_nobody_here_is_said(there: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="the environment has votes, harvest"):
        command.places_of(there.there, "receipts", Meter())


def _plain(statement: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "Sid"}
