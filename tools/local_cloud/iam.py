"""What IAM policies allow, by the emulator's own evaluator: no call is made.

It runs in the emulator's virtual environment, so it is a process, started once and asked line by
line (see iam_evaluator.py).
"""

from __future__ import annotations

import atexit
import json
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tools.common.errors import CommandError
from tools.common.loopback import environment
from tools.local_cloud import emulator

EVALUATOR = Path(__file__).with_name("iam_evaluator.py")

Document = Mapping[str, Any]


def allows(context: Mapping[str, Any], policies: Iterable[Document], boundary: Document | None = None) -> bool:
    """Whether policies allow a call together, within a boundary if there is one.

    `context`: the fields of ministack's EvalContext, by name.
    """
    limits = [] if boundary is None else [boundary]
    return _ask({"context": context, "policies": list(policies), "boundaries": limits})


def trusts(policy: str, principal: str, context: Mapping[str, Any]) -> bool:
    """Whether a role's trust policy, as JSON, lets a principal (an ARN) assume it."""
    return _ask({"context": context, "trust": policy, "principal": principal})


def _ask(question: Mapping[str, Any]) -> bool:
    process = _evaluator()
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(question) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise CommandError(f"the emulator's evaluator of IAM ended with {process.wait()}; what it said stands above")
    return bool(json.loads(answer))


@cache
def _evaluator() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [str(emulator.python()), str(EVALUATOR)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[str]) -> None:
    """Close its input, at which it ends."""
    process.communicate()
