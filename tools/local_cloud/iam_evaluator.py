"""The process behind iam.py: a question a line (JSON) on its input, true or false on its output.

It runs in the emulator's virtual environment and imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator


def _answer(question: Mapping[str, Any]) -> bool:
    context = iam_evaluator.EvalContext(**question["context"])
    if "trust" in question:
        return bool(iam_evaluator.evaluate_trust_policy(question["trust"], question["principal"], context))
    policies = [iam_evaluator.parse_policy_document(policy) for policy in question["policies"]]
    limits = [[iam_evaluator.parse_policy_document(boundary)] for boundary in question["boundaries"]]
    return bool(iam_evaluator.evaluate(context, policies, *limits).decision == "Allow")


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)
