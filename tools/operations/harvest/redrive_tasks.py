"""Quarantined tasks go back as a run of their own, each task alone in its parcel.

The run that they failed in is over, and what it proved stays. A second time costs a call and does
no harm: if the command breaks off after the run began, the objects stay, and are tried once more.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from harvest import run_rows
from harvest.accounts import Accounts
from harvest.ledger import Ledger
from harvest.parcels import Task
from harvest.run_ledger import RunLedger
from harvest.run_rows import Run
from harvest.turns import Turns
from shared import clock, strict_json
from tools.operations import quarantine
from tools.operations.deployment import Deployment
from tools.operations.pipeline import MessageToSend, Unsendable

TO, NAME = "a run", "retry"
MOST_PATH, MOST_TEXT = 8, 512  # parts of a task's path, characters of a part


def messages_of(text: str) -> list[MessageToSend]:
    """What a person is told of an object: a task a line, to a run. Raises Unsendable."""
    tasks = [task_of(line) for line in quarantine.parsed(text)]
    return [MessageToSend(TO, task.id, number, number, 1) for number, task in enumerate(tasks, 1)]


def identity_of(line: Mapping[str, Any]) -> str:
    """The task's name, or else the content."""
    try:
        return task_of(line).id
    except Unsendable:
        return strict_json.canonical(line)


def task_of(line: Mapping[str, Any]) -> Task:
    """The task of a line, to be called anew. Raises Unsendable."""
    task = line.get("task")
    if isinstance(task, dict):
        level, path, page = task.get("level"), task.get("path"), task.get("page", "")
        if level and isinstance(path, list) and len(path) <= MOST_PATH and all(map(_is_text, [level, page, *path])):
            return Task(level, tuple(path), page)
    raise Unsendable("it holds no task: what is no task cannot be called again")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT


def take_back(deployment: Deployment, objects: Mapping[str, str]) -> str:
    """Begin a run for each run that tasks failed in: with its `since`, and of those tasks alone."""
    of_run: dict[str, dict[str, Task]] = {}
    for failed_in, task in _tasks(objects):
        of_run.setdefault(failed_in, {})[task.id] = task
    begun = [_begin(deployment, failed_in, list(tasks.values())) for failed_in, tasks in of_run.items()]
    return f"{sum(map(len, of_run.values()))} tasks are tried again by {', '.join(begun)}"


def _tasks(objects: Mapping[str, str]) -> Iterator[tuple[str, Task]]:
    for text in objects.values():
        for line in quarantine.parsed(text):
            yield str(line.get("run_id", "")), task_of(line)


def _begin(deployment: Deployment, failed_in: str, tasks: list[Task]) -> str:
    """Begin a run of these tasks; the row last, so that whoever sees it finds them."""
    dynamodb, tables = deployment.client("dynamodb"), deployment.outputs["tables"]
    settings = deployment.outputs["settings"]
    account, runs = settings["vendor"]["account"], RunLedger(dynamodb, tables["ledger"])
    earlier = runs.run(failed_in) if failed_in else None
    now_us = clock.now_us()
    at = datetime.fromtimestamp(now_us // 1_000_000, UTC)
    run_id = f"{NAME}-{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    Ledger(dynamodb, tables["ledger"]).put_root(run_id, 0, run_id, tasks=[[task] for task in tasks])
    since = earlier.since if earlier else None
    cap = settings["most_calls"]
    runs.create(Run(run_id, NAME, account, run_rows.RUNNING, now_us // 1000, cap, roots=1, since=since))
    accounts = Accounts(dynamodb, tables["accounts"])
    accounts.add_run(account, run_id)
    accounts.ask(account)  # a pacer that is about to rest looks again
    turns = Turns(deployment.client("sqs"), deployment.outputs["queues"]["turn"]["url"], settings["pace"]["silent_ms"])
    turns.wake_unless_paced(accounts.get(account), now_us // 1000)
    return run_id
