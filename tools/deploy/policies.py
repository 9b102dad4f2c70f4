"""`make policies`: the rules of policies/ on an environment's plan, proposed or offline, or on
anybody's.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.common.text import visible
from tools.deploy import git_tree
from tools.deploy.packages import Say
from tools.deploy.propose import offline_plan
from tools.deploy.target import Target
from tools.deploy.tree_plan import PLANNED, SUMMARY

CHECKOV = ROOT / ".venv-checkov/bin/checkov"
RULES = ROOT / "policies"
SECONDS = 300
MOST_BYTES = 200 << 20
GIVES = "`terraform show -json planned > plan.json` gives one"


def run(target: Target, say: Say) -> int:
    """Judge the plan that `make propose` left of this tree; 1 unless all rules ran and passed.

    Where it left none, an offline plan from an empty state is judged. Raises CommandError.
    """
    _require_checkov()
    if _proposed(target):
        say(f"the plan that was proposed of this tree: {target.file(PLANNED)}")
    else:
        offline_plan(target)
        say(f"an offline plan of {target.environment}, from an empty state: {target.file(PLANNED)}")
    # In the plans' own folder, because at the project's root checkov would read .checkov.yaml too.
    report, _ = _report(target.plans, f"{target.environment}{PLANNED}", target.root / "terraform")
    missing = sorted(_numbers() - _ran(report))
    idle = f"{', '.join(missing)} judged nothing: either checkov could not load them, or the plan is none"
    return _said(report, say, [idle] if missing else [])


def run_on(plan: str, source: str, say: Say) -> int:
    """Judge anybody's plan, as `terraform show -json` gives it; 1 unless it was judged and passed.

    `source`: the folder of its .tf files, where reasons for what a rule is not to judge are written
    (none where it is empty). A rule that the plan has nothing for judges nothing. Raises
    CommandError for what is no plan, or cannot be read.
    """
    _require_checkov()
    text = _read(Path(plan))
    if source and not Path(source).is_dir():
        raise CommandError(f"DIR={source}: there is no folder {Path(source).resolve()}")
    with tempfile.TemporaryDirectory(prefix="sluice-policies-") as folder:
        (Path(folder) / "plan.json").write_bytes(text)  # alone there: no configuration of checkov's lies beside it
        report, said = _report(Path(folder), "plan.json", Path(source).resolve() if source else Path(folder))
    if "Cannot load" in said:
        raise CommandError(f"checkov could not load all rules, so the plan was not judged: {said}")
    ran = _ran(report)
    say(f"{plan}: {len(ran)} of {len(_numbers())} rules have something to judge")
    return _said(report, say, [] if ran else ["it holds nothing that a rule judges: no queue, function or alarm"])


def _read(plan: Path) -> bytes:
    """A stranger's plan, as it is."""
    try:
        if plan.stat().st_size > MOST_BYTES:
            raise CommandError(f"PLAN={plan} is larger than {MOST_BYTES >> 20} MB: that is no plan of a pipeline")
        text = plan.read_bytes()
        planned = json.loads(text.decode(json.detect_encoding(text)).removeprefix("\ufeff"))
    except OSError as error:
        raise CommandError(f"PLAN={plan} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"PLAN={plan} is no JSON ({error}): {GIVES}") from error
    if not isinstance(planned, dict) or not isinstance(planned.get("planned_values"), dict):
        raise CommandError(f"PLAN={plan} is JSON, and no plan: {GIVES}")
    return text


def _require_checkov() -> None:
    if not CHECKOV.exists():
        raise CommandError(f"there is no {CHECKOV}: `make policies` sets it up")


def _report(folder: Path, plan: str, source: Path) -> tuple[dict[str, Any], str]:
    """checkov's report on a plan in a folder, and what it said beside. Raises CommandError where it
    gives none.
    """
    options = {
        "--file": plan,
        "--framework": "terraform_plan",
        "--check": "CKV_SLUICE_*",
        "--external-checks-dir": str(RULES),
        "--repo-root-for-plan-enrichment": str(source),
        "--output": "json",
    }
    command = [str(CHECKOV), "--skip-download", *chain.from_iterable(options.items())]
    try:
        done = subprocess.run(command, cwd=folder, check=False, timeout=SECONDS, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        raise CommandError(f"checkov took over {SECONDS} s, so nothing was judged") from None
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise CommandError(
            f"checkov gave no report (it ended with {done.returncode}), so nothing was judged: {done.stderr}"
        ) from None
    return (report if isinstance(report, dict) else {}), done.stderr


def _ran(report: Mapping[str, Any]) -> set[str]:
    """The rules that judged something."""
    results = report.get("results", {})
    kinds = ("passed", "failed", "skipped")
    return {record["check_id"] for kind in kinds for record in results.get(f"{kind}_checks", ())}


def _said(report: Mapping[str, Any], say: Say, trouble: Sequence[str]) -> int:
    """Say what failed, with its guide, and what was not judged; 1 if anything failed, or there is
    trouble.

    checkov itself ends with 0 when it cannot read the plan, or not load a rule.
    """
    results = report.get("results", {})
    for kind in ("skipped", "failed"):
        for record in results.get(f"{kind}_checks", ()):
            why = " ".join([*(record["details"] or ()), record["check_result"].get("suppress_comment") or ""])
            say(visible(f"{kind.upper()} {record['check_id']} ({record['check_name']})"))
            say(visible(f"  {record['resource']}: {why.strip()}"))
            if kind == "failed":
                say(visible(f"  {record.get('guideline') or ''}"))
    trouble = [*(f"checkov cannot read {file}" for file in results.get("parsing_errors", ())), *trouble]
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
