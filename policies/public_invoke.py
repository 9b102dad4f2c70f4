"""CKV_SLUICE_20: whoever may call a function with any event is named."""

from collections.abc import Iterator

from sluice_pipeline.plan import Plan, Resource
from sluice_pipeline.rule import Rule

PERMISSION = "aws_lambda_permission"
BY_URL, ANYHOW = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"


class PublicInvoke(Rule):
    def __init__(self) -> None:
        super().__init__(20, "Who may invoke a function is named, or anybody by its URL alone", [PERMISSION])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:  # noqa: ARG002 - a rule may see the plan
        if resource.get("principal") != "*" or resource.get("principal_org_id"):
            return
        action = resource.get("action", "")
        if action == BY_URL and resource.get("function_url_auth_type"):
            return
        if action == ANYHOW and resource.get("invoked_via_function_url"):
            return
        condition = "function_url_auth_type" if action == BY_URL else "invoked_via_function_url = true"
        yield (
            f"Name who may call instead of principal *: {action} lets anybody's account hand this function any event, "
            f"with claims of its own. A public function URL needs {condition} beside it, which holds for the URL alone."
        )


check = PublicInvoke()
