"""CKV_SLUICE_13: nobody reads or writes a queue or bucket without TLS."""

from collections.abc import Iterator, Mapping
from typing import Any

from sluice_pipeline.plan import NotYetKnown, Plan, Resource, identifies
from sluice_pipeline.rule import Rule
from sluice_pipeline.statements import is_everybody, listed, statements

KINDS = {
    "aws_sqs_queue": ("sqs:*", "aws_sqs_queue_policy", "queue_url"),
    "aws_s3_bucket": ("s3:*", "aws_s3_bucket_policy", "bucket"),
}


class DenyPlainHttp(Rule):
    def __init__(self) -> None:
        super().__init__(13, "The policy of a queue or bucket denies plain HTTP", list(KINDS))

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        action, kind, argument = KINDS[resource.kind]
        inline = [resource] if "policy" in resource.expressions else []
        found, possible = plan.candidates(resource, kind, argument)
        if any(
            _denies(s, action, resource)
            for holder in inline + found
            for s in statements(holder.document("policy"), "Deny")
        ):
            return
        # which one it is for is not known; its statement may name it all the same
        for holder in possible:
            if any(
                _denies(s, action, resource) and "*" not in listed(s["Resource"])
                for s in statements(holder.document("policy"), "Deny")
            ):
                return
        if possible and not inline + found:
            raise NotYetKnown(f"whether {possible[0].address} is for {resource.address} is not known before apply")
        yield (
            f'Add an {kind} that denies Principal "*" the action {action} on all of it, '
            'on the one condition Bool { "aws:SecureTransport" = "false" }.'
        )


def _denies(statement: Mapping[str, Any], action: str, subject: Resource) -> bool:
    condition = {operator.lower(): value for operator, value in statement.get("Condition", {}).items()}
    tests = {key.lower(): [str(v).lower() for v in listed(value)] for key, value in condition.get("bool", {}).items()}
    return (
        is_everybody(statement.get("Principal"))
        and len(condition) == 1
        and tests == {"aws:securetransport": ["false"]}
        and bool({"*", action} & {a.lower() for a in listed(statement.get("Action"))})
        and _covers([str(r) for r in listed(statement.get("Resource"))], subject)
    )


def _covers(resources: list[str], subject: Resource) -> bool:
    whole = "*" in resources or any(identifies(r, subject, subject.region) for r in resources)
    objects = "*" in resources or any(
        r.endswith("/*") and identifies(r.removesuffix("/*"), subject, subject.region) for r in resources
    )
    return whole and (objects or subject.kind != "aws_s3_bucket")


check = DenyPlainHttp()
