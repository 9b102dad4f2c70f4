"""The faults are microburst's to read, are told in kinds, and a run without them is no proof."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from microburst.rules import RuleEngine
from rich.console import Console

from tools.demo.votes import chaos_faults, chaos_report
from tools.demo.votes.chaos_faults import API, Rule, by_kind, not_fired, rules
from tools.demo.votes.chaos_report import Figures, too_quiet
from tools.local_cloud.fault_proxy import Fired
from tools.local_cloud.runs import Run
from tools.operations.votes.witnesses import Witnesses
from tools.traffic.votes.load import Load
from tools.traffic.votes.verdict import Verdict

ALL = {
    Fired("dynamodb", "PutItem", "error:ProvisionedThroughputExceededException"): 1,
    Fired("dynamodb", "UpdateItem", "error:InternalServerError"): 2,
    Fired("dynamodb", "BatchExecuteStatement", "error:InternalServerError"): 1,
    Fired("sqs", "SendMessageBatch", "error:RequestThrottled"): 3,
    Fired("sqs", "SendMessageBatch", "error:ServiceUnavailable"): 1,
    Fired("sqs", "SendMessageBatch", "latency:120ms"): 4,
    Fired("sqs", "SendMessageBatch", "latency:1500ms"): 4,
    Fired("sqs", "SendMessageBatch", "latency:4300ms"): 1,
    Fired("s3", "PutObject", "error:SlowDown"): 1,
    Fired("s3", "PutObject", "error:InternalError"): 1,
    Fired("", "", "reset"): 5,
    Fired("", "", "response:abort"): 6,
}
KILLED = Counter(receive=1, process=1, write=1, tally=1)


def test_the_rules_are_microbursts() -> None:
    found = rules(1, 1_000.0)
    assert len(RuleEngine().set_rules(found)) == len(found)
    assert found == rules(1, 1_000.0) != rules(2, 1_000.0)
    storms = [rule for rule in found if "until" in rule]
    assert all(rule["active_at"] < rule["until"] for rule in storms)
    assert {rule["service"] for rule in storms[:4]} == set(chaos_faults.ERRORS), "each service has a storm early on"
    assert all(a["until"] <= b["active_at"] for a, b in pairwise(storms))


def test_each_kind_fires_for_sure_once_its_call_is_made() -> None:
    sure = [rule for rule in rules(1, 1_000.0) if rule.get("times") == 1 and rule.get("probability", 1.0) == 1.0]
    assert not_fired(by_kind({_fired(rule): 1 for rule in sure})) == []


def _fired(rule: Rule) -> Fired:
    fault = next(name for name in ("error", "latency", "reset", "response") if name in rule)
    what = {"code": "", "max": ""} | (rule[fault] if isinstance(rule[fault], dict) else {})
    action = f"{fault}:{what['max']}ms" if fault == "latency" else f"{fault}:{what['code']}"
    return Fired(rule.get("service", ""), rule.get("operation", ""), action)


def test_faults_are_told_in_kinds() -> None:
    found = by_kind(ALL)
    assert found["sqs", "SendMessageBatch"] == {"RequestThrottled": 3, "ServiceUnavailable": 1, "slow": 8, "late": 1}
    assert found[API, "POST /v1/ballots"] == {"reset before": 5, "answer lost": 6}


@pytest.mark.parametrize("left_out", ALL)
def test_a_kind_that_did_not_fire_is_missed(left_out: Fired) -> None:
    assert not_fired(by_kind(ALL)) == []
    slow = left_out.action.startswith("latency:1")  # both of these are slow
    assert bool(not_fired(by_kind({fault: times for fault, times in ALL.items() if fault != left_out}))) == (not slow)


def test_a_quiet_run_is_no_proof() -> None:
    figures = Figures(fired=by_kind(ALL), killed=KILLED, batches_lost=Counter({"write killed": 1}))
    assert too_quiet(figures) == []
    figures.killed = KILLED - Counter(write=1)
    assert "no worker of write was killed" in too_quiet(figures)[0]
    assert "while it was at work" in too_quiet(Figures(fired=by_kind(ALL), killed=KILLED))[0]


def test_the_report_is_left_as_json_too(tmp_path: Path) -> None:
    printed = StringIO()
    figures = Figures(fired=by_kind(ALL), killed=KILLED, differing=2)
    plan = Load([], [], [], [], [], "", [])
    chaos_report.show(
        Console(file=printed, width=80), Run(tmp_path), plan, Verdict(problems=["two differ"]), figures, Witnesses()
    )
    kept = json.loads((tmp_path / "report.json").read_text())
    assert (kept["differences"], kept["problems"], kept["killed"]["tally"]) == (2, ["two differ"], 1)
    assert kept["fired"]["sqs SendMessageBatch"]["slow"] == 8
    assert "30 injected into calls" in printed.getvalue()
    assert "ProvisionedThroughputExceededException" in printed.getvalue(), "whole, at 80 columns too"
