"""CKV_SLUICE_12: an alias decides which version consumes, so that going back is one change."""

from collections.abc import Iterator

from sluice_pipeline.plan import NotYetKnown, Plan, Resource
from sluice_pipeline.queues import MAPPING, function_and_qualifier, require_queue
from sluice_pipeline.rule import Rule

ADVICE = "Set function_name to the arn of an aws_lambda_alias"


class MappingOnAlias(Rule):
    def __init__(self) -> None:
        super().__init__(
            12, "The mapping invokes an alias, not a version, $LATEST or an unqualified function", [MAPPING]
        )

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        require_queue(plan, resource)
        try:
            qualifier = function_and_qualifier(str(resource.get("function_name")))[1]
        except NotYetKnown:
            kinds = {r.kind for r in plan.mentioned(resource, "function_name")}
            if "aws_lambda_alias" in kinds:
                return
            if "aws_lambda_function" not in kinds:
                raise
            yield f"{ADVICE}: it refers to a function and to no alias."
            return
        if not qualifier or qualifier == "$LATEST" or qualifier.isdigit():
            yield f"{ADVICE}: it names {qualifier or 'no alias'}."


check = MappingOnAlias()
