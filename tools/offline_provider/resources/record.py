"""What a record-only resource gets in place of AWS's answers: an id, an ARN and a name."""

import hashlib
import time
import uuid
from typing import Any

from tools.offline_provider.connection import Connection
from tools.offline_provider.values import UNKNOWN, Value

# A type, the ARN's service and resource, and where its id comes from: the prefix of one that AWS
# would draw, "=" for the ARN, nothing for the name.
_RECORDED = """
aws_appautoscaling_target application-autoscaling:scalable-target/{resource_id}
aws_appautoscaling_policy autoscaling:scalingPolicy:{name}
aws_appautoscaling_scheduled_action autoscaling:scheduledAction:{name}
aws_budgets_budget budgets::budget/{name}
aws_cloudtrail cloudtrail:trail/{name} =
aws_cloudwatch_composite_alarm cloudwatch:alarm:{alarm_name}
aws_cloudwatch_dashboard cloudwatch::dashboard/{dashboard_name}
aws_cloudwatch_event_rule events:rule/{name}
aws_cloudwatch_metric_alarm cloudwatch:alarm:{alarm_name}
aws_cloudwatch_query_definition logs:query-definition:{name}
aws_customer_gateway ec2:customer-gateway/{id} cgw-
aws_eip ec2:elastic-ip/{id} eipalloc-
aws_iam_openid_connect_provider iam::oidc-provider/{url} =
aws_iam_policy iam::policy{path}{name} =
aws_default_security_group ec2:security-group/{id} sg-
aws_ec2_transit_gateway_vpc_attachment ec2:transit-gateway-attachment/{id} tgw-attach-
aws_internet_gateway ec2:internet-gateway/{id} igw-
aws_kms_alias kms:{name}
aws_kms_key kms:key/{id} -
aws_lambda_function_url lambda:function:{function_name}
aws_lb_trust_store elasticloadbalancing:truststore/{name}/{id} =
aws_wafv2_web_acl wafv2:regional/webacl/{name}/{id} -
aws_nat_gateway ec2:natgateway/{id} nat-
aws_rolesanywhere_profile rolesanywhere:profile/{id} -
aws_rolesanywhere_trust_anchor rolesanywhere:trust-anchor/{id} -
aws_route_table ec2:route-table/{id} rtb-
aws_s3_object s3:::{bucket}/{key}
aws_scheduler_schedule_group scheduler:schedule-group/{name}
aws_secretsmanager_secret secretsmanager:secret:{name} =
aws_security_group ec2:security-group/{id} sg-
aws_sns_topic sns:{name} =
aws_sns_topic_subscription sns:{topic_arn} =
aws_ssm_parameter ssm:parameter/{name}
aws_subnet ec2:subnet/{id} subnet-
aws_vpc ec2:vpc/{id} vpc-
aws_vpc_endpoint ec2:vpc-endpoint/{id} vpce-
aws_vpc_security_group_egress_rule ec2:security-group-rule/{id} sgr-
aws_vpc_security_group_ingress_rule ec2:security-group-rule/{id} sgr-
aws_vpn_connection ec2:vpn-connection/{id} vpn-
aws_vpn_gateway ec2:vpn-gateway/{id} vgw-
"""
_RECORDED_TYPES = {line.split()[0]: [*line.split()[1:], ""] for line in _RECORDED.strip().splitlines()}
_NAMES = (
    "name",
    "bucket",
    "function_name",
    "alarm_name",
    "dashboard_name",
    "policy_name",
    "resource_arn",
    "resource_id",
    "key_id",
    "secret_id",
)
_COPIES_OF_ID = {
    "key_id": ("aws_kms_key",),
    "security_group_rule_id": ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"),
    "query_definition_id": ("aws_cloudwatch_query_definition",),
    "allocation_id": ("aws_eip",),
}


def invent(kind: str, connection: Connection, value: Value) -> Value:
    """Every computed value of a record-only resource.

    Id and ARN come from the name, the account and the region; names from prefixes.
    """
    known = {name: item for name, item in value.items() if item is not UNKNOWN}
    for name in ("name", "bucket", "statement_id"):
        if value.get(name) is UNKNOWN:
            known[name] = resource_name(value, name)
    pattern, prefix, *_ = [*_RECORDED_TYPES.get(kind, []), "", ""]
    drawn = str(uuid.uuid4()) if prefix == "-" else prefix + uuid.uuid4().hex[:17]
    names = (known.get(name) for name in _NAMES)
    own_name = next((name for name in names if isinstance(name, str) and name), "")
    known.setdefault("id", drawn if prefix and prefix != "=" else own_name or drawn)
    if pattern:
        known.setdefault("arn", _arn(connection, pattern, known))
        if prefix == "=" and value.get("id") is UNKNOWN:
            known["id"] = known["arn"]
    for name, kinds in _COPIES_OF_ID.items():
        if kind in kinds:
            known.setdefault(name, known["id"])
    known.setdefault("owner_id", connection.account)
    return known


def _arn(connection: Connection, pattern: str, known: Value) -> str:
    service, resource = pattern.split(":", 1)
    resource = resource.format_map({key: str(item).removeprefix("https://") for key, item in known.items()})
    if service == "s3":
        return f"arn:{connection.partition}:s3:{resource}"
    if service == "sns" and resource.startswith("arn:"):
        return f"{resource}:{hashlib.sha256(repr(known).encode()).hexdigest()[:12]}"
    regional = not resource.startswith(":")
    return connection.arn(service, resource.removeprefix(":"), regional=regional)


def resource_name(value: Value, attribute: str = "name") -> str:
    """The configured name, or one made of the prefix, the time and a random tail.

    Without a prefix it is `terraform-`.
    """
    if isinstance(value[attribute], str):
        return str(value[attribute])
    prefix: Any = value.get(attribute + "_prefix")
    return f"{prefix if isinstance(prefix, str) else 'terraform-'}{time.time_ns():x}{uuid.uuid4().hex[:8]}"
