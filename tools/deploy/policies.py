"""`make policies`: the rules of policies/ on an environment's plan, proposed or offline."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from itertools import chain
from typing import Any

from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.deploy import git_tree
from tools.deploy.packages import Say
from tools.deploy.propose import offline_plan
from tools.deploy.target import Target
from tools.deploy.tree_plan import PLANNED, SUMMARY

CHECKOV = ROOT / ".venv-checkov/bin/checkov"
RULES = ROOT / "policies"
SECONDS = 300


def run(target: Target, say: Say) -> int:
    """Judge the plan that `make propose` left of this tree; 1 unless all rules ran and passed.

    Where it left none, an offline plan from an empty state is judged. Raises CommandError.
    """
    if not CHECKOV.exists():
        raise CommandError(f"there is no {CHECKOV}: `make policies` sets it up")
    if _proposed(target):
        say(f"the plan that was proposed of this tree: {target.file(PLANNED)}")
    else:
        offline_plan(target)
        say(f"an offline plan of {target.environment}, from an empty state: {target.file(PLANNED)}")
    return _said(_report(target), say)


def _report(target: Target) -> dict[str, Any]:
    """checkov's report on the plan. Raises CommandError where it gives none."""
    options = {
        "--file": f"{target.environment}{PLANNED}",
        "--framework": "terraform_plan",
        "--check": "CKV_SLUICE_*",
        "--external-checks-dir": str(RULES),
        "--repo-root-for-plan-enrichment": str(target.root / "terraform"),
        "--output": "json",
    }
    command = [str(CHECKOV), "--skip-download", *chain.from_iterable(options.items())]
    # In the plans' own folder, because at the project's root checkov would read .checkov.yaml too.
    done = subprocess.run(command, cwd=target.plans, check=False, timeout=SECONDS, capture_output=True, text=True)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise CommandError(
            f"checkov gave no report (it ended with {done.returncode}), so nothing was judged: {done.stderr}"
        ) from None
    return report


def _said(report: Mapping[str, Any], say: Say) -> int:
    """Say what failed, and what was not judged; 1 if anything failed, or a rule did not run at all.

    checkov itself ends with 0 when it cannot read the plan, or not load a rule.
    """
    results = report.get("results", {})
    ran = {
        record["check_id"] for kind in ("passed", "failed", "skipped") for record in results.get(f"{kind}_checks", ())
    }
    for kind in ("skipped", "failed"):
        for record in results.get(f"{kind}_checks", ()):
            why = " ".join([*(record["details"] or ()), record["check_result"].get("suppress_comment") or ""])
            say(f"{kind.upper()} {record['check_id']} ({record['check_name']})\n  {record['resource']}: {why.strip()}")
    trouble = [f"checkov cannot read {file}" for file in results.get("parsing_errors", ())]
    if missing := sorted(_numbers() - ran):
        trouble.append(f"{', '.join(missing)} judged nothing: either checkov could not load them, or the plan is none")
    failed = len(results.get("failed_checks", ()))
    say("; ".join([f"{len(results.get('passed_checks', ()))} passed, {failed} failed", *trouble]))
    return 1 if failed or trouble else 0


def _numbers() -> set[str]:
    """The identifiers of all rules: each file's first words."""
    texts = (file.read_text() for file in RULES.glob("[a-z]*.py"))
    return {match[1] for text in texts if (match := re.match(r'"""(CKV_SLUICE_\d+): ', text))}


def _proposed(target: Target) -> bool:
    """Whether the plan in build/plans is of the files as they are now."""
    try:
        summary = json.loads(target.file(SUMMARY).read_text())
        is_of_these_files = bool(summary["tree"] == git_tree.current(target.root, insist=True).hash)
        return is_of_these_files and target.file(PLANNED).is_file()
    except (OSError, ValueError, KeyError, CommandError):
        return False  # none, or not whole, or no git here to tell what it is of
