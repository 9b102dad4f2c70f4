"""How a rule becomes a check of checkov: it judges one resource, and sees the whole plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from sluice_pipeline.plan import NotConcerned, NotYetKnown, Plan, Resource, read


class Rule(BaseResourceCheck):
    """A rule on resources of some kinds. Terraform's source passes by unjudged: only a plan has the values."""

    def __init__(self, number: int, name: str, kinds: Sequence[str]) -> None:
        identifier = f"CKV_SLUICE_{number}"
        guideline = f"docs/policies.md#{identifier.lower()}"
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
        entity_name: str,  # noqa: ARG002 - checkov's signature
        entity_type: str,  # noqa: ARG002
        skip_info: dict[str, Any],
    ) -> dict[str, Any]:
        """checkov's result. What is not known until apply is SKIPPED with the reason: it is in every report, and fails nothing."""
        self.details: list[str] = []
        if skip_info:
            return {"result": CheckResult.SKIPPED, "suppress_comment": skip_info["suppress_comment"], "evaluated_keys": []}
        plan = self._plan(scanned_file)
        if plan is None:
            return {"result": CheckResult.UNKNOWN, "evaluated_keys": []}
        result, comment = self._judge(plan, str(entity_configuration["__address__"]))
        return {"result": result, "suppress_comment": comment, "evaluated_keys": []}

    def _judge(self, plan: Plan, address: str) -> tuple[CheckResult, str]:
        try:
            for problem in self.problems(plan, plan.resources[address]):
                self.details.append(problem)
        except NotConcerned:
            return CheckResult.UNKNOWN, ""
        except NotYetKnown as unknown:
            if not self.details:
                return CheckResult.SKIPPED, f"Not judged: {unknown}."
        except Exception as error:  # checkov itself would drop a rule that breaks without a word
            self.details.append(f"The rule cannot read {address} and so does not pass it: {type(error).__name__}: {error}")
        return (CheckResult.FAILED if self.details else CheckResult.PASSED), ""

    def _plan(self, scanned_file: str) -> Plan | None:
        """checkov names the file relative to some folder; its graph knows the whole path."""
        tail = scanned_file.replace("/..", "")
        files = {node["file_path_"] for _, node in self.graph.nodes() if str(node.get("file_path_", "")).endswith(tail)}
        return read(min(files, key=len)) if files else None
