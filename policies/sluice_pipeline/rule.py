"""How a rule becomes a check of checkov: it judges one resource, and sees the whole plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from sluice_pipeline.plan import NotConcerned, NotYetKnown, Plan, Resource, read

FOLDER = Path(__file__).resolve().parents[1]
# beside the rules in a checkout of Sluice; who has the rules alone reads them
PAGE = FOLDER.parent / "docs/reference/policies.md"
IDENTIFIER = re.compile(r'"""(CKV_SLUICE_\d+): ')


class Rule(BaseResourceCheck):
    """A rule on resources of some kinds.

    Terraform's source passes by unjudged: only a plan has the values.
    """

    loaded: ClassVar[set[str]] = set()

    def __init__(self, number: int, name: str, kinds: Sequence[str]) -> None:
        identifier = f"CKV_SLUICE_{number}"
        guideline = f"{PAGE.as_uri()}#{identifier.lower()}" if PAGE.is_file() else FOLDER.as_uri()
        Rule.loaded.add(identifier)
        super().__init__(name, identifier, [CheckCategories.GENERAL_SECURITY], list(kinds), guideline=guideline)

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        """What is wrong and what to do, a sentence each. Raises NotYetKnown, NotConcerned."""
        raise NotImplementedError

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        raise NotImplementedError("run() judges: it knows the plan's file")

    def run(
        self,
        scanned_file: str,
        entity_configuration: dict[str, Any],
        entity_name: str,
        entity_type: str,  # noqa: ARG002 - checkov's signature
        skip_info: dict[str, Any],
    ) -> dict[str, Any]:
        """checkov's result.

        What is not known until apply is SKIPPED with the reason: it is in every report, and fails
        nothing.
        """
        self.details: list[str] = []
        if skip_info:
            return {
                "result": CheckResult.SKIPPED,
                "suppress_comment": skip_info["suppress_comment"],
                "evaluated_keys": [],
            }
        if scanned_file.endswith((".tf", ".tf.json")):
            return {"result": CheckResult.UNKNOWN, "evaluated_keys": []}
        try:
            result, comment = self._judge(scanned_file, str(entity_configuration["__address__"]))
        except Exception as error:  # checkov would drop the rule without a word
            said = f"{type(error).__name__}: {error}"
            self.details.append(f"The rule cannot read {entity_name} and so does not pass it: {said}")
            result, comment = CheckResult.FAILED, ""
        return {"result": result, "suppress_comment": comment, "evaluated_keys": []}

    def _judge(self, scanned_file: str, address: str) -> tuple[CheckResult, str]:
        plan = self._plan(scanned_file)
        if self.id == min(Rule.loaded) and (missing := _rules() - Rule.loaded):
            self.details.append(f"checkov could not load {', '.join(sorted(missing))}: its log says why.")
        try:
            self.details += self.problems(plan, plan.resources[address])
        except NotConcerned:
            return (CheckResult.FAILED if self.details else CheckResult.UNKNOWN), ""
        except NotYetKnown as unknown:
            if not self.details:
                return CheckResult.SKIPPED, f"Not judged: {unknown}."
        return (CheckResult.FAILED if self.details else CheckResult.PASSED), ""

    def _plan(self, scanned_file: str) -> Plan:
        """checkov names the file relative to some folder; its graph knows the whole path.

        Raises what keeps the plan from being read.
        """
        tail = scanned_file.replace("/..", "")
        files = {node["file_path_"] for _, node in self.graph.nodes() if str(node.get("file_path_", "")).endswith(tail)}
        if not files:
            raise FileNotFoundError(f"checkov says {scanned_file}, and of no file that ends so")
        return read(min(files, key=len))


@cache
def _rules() -> set[str]:
    """The identifiers of all rules beside this one: each file begins with its own."""
    texts = (file.read_text(encoding="utf-8") for file in FOLDER.glob("[a-z]*.py"))
    return {found[1] for text in texts if (found := IDENTIFIER.match(text))}
