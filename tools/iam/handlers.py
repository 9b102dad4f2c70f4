"""What AWS's own CloudFormation needs to make, read, change and end a resource: its registry's
schemas name the actions.

`python -m tools.iam.handlers` takes them out of cfn-lint's package into `data/handlers.json`, for
the resource types that the environments plan. The package (MIT-0) is downloaded with pip into a
scratch folder and only read.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tools.aws_schemas import mapping, packages
from tools.environment.names import DEPLOYED
from tools.environment.offline_plan import plan

FILE = Path(__file__).parent / "data" / "handlers.json"
HANDLERS = ("create", "read", "update", "delete")

# Types that the account is ready for, though no environment plans one yet.
READY_FOR = {
    "aws_secretsmanager_secret": "AWS::SecretsManager::Secret",
    "aws_secretsmanager_secret_policy": "AWS::SecretsManager::ResourcePolicy",
    "aws_vpc": "AWS::EC2::VPC",
    "aws_subnet": "AWS::EC2::Subnet",
    "aws_route_table": "AWS::EC2::RouteTable",
    "aws_route_table_association": "AWS::EC2::SubnetRouteTableAssociation",
    "aws_security_group": "AWS::EC2::SecurityGroup",
    "aws_vpc_security_group_ingress_rule": "AWS::EC2::SecurityGroupIngress",
    "aws_vpc_security_group_egress_rule": "AWS::EC2::SecurityGroupEgress",
    "aws_vpc_endpoint": "AWS::EC2::VPCEndpoint",
    "aws_route": "AWS::EC2::Route",
    "aws_vpn_gateway": "AWS::EC2::VPNGateway",
    "aws_vpn_gateway_attachment": "AWS::EC2::VPCGatewayAttachment",
    "aws_ec2_transit_gateway_vpc_attachment": "AWS::EC2::TransitGatewayVpcAttachment",
    "aws_dx_gateway_association": "AWS::DirectConnect::DirectConnectGatewayAssociation",
    "aws_rolesanywhere_profile": "AWS::RolesAnywhere::Profile",
    # entrances beside an HTTP API
    "aws_lb": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "aws_lb_listener": "AWS::ElasticLoadBalancingV2::Listener",
    "aws_lb_listener_rule": "AWS::ElasticLoadBalancingV2::ListenerRule",
    "aws_lb_target_group": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "aws_lb_trust_store": "AWS::ElasticLoadBalancingV2::TrustStore",
    "aws_wafv2_web_acl": "AWS::WAFv2::WebACL",
    "aws_wafv2_web_acl_association": "AWS::WAFv2::WebACLAssociation",
    "aws_lambda_function_url": "AWS::Lambda::Url",
    # the voting page
    "aws_cloudfront_distribution": "AWS::CloudFront::Distribution",
    "aws_cloudfront_origin_access_control": "AWS::CloudFront::OriginAccessControl",
    "aws_cloudfront_response_headers_policy": "AWS::CloudFront::ResponseHeadersPolicy",
}


def types() -> dict[str, str]:
    """CloudFormation's type of each of Terraform's that a deployed environment plans, or may;
    without what CloudFormation takes for a part of another type.
    """
    planned = {one["type"] for name in DEPLOYED for one in plan(name)["resource_changes"] if one["mode"] == "managed"}
    found = {kind: mapping.cloudformation(kind) for kind in sorted(planned - {"terraform_data"})}
    return {kind: name for kind, name in found.items() if name} | READY_FOR


def read() -> dict[str, dict[str, list[str]]]:
    """The actions that each handler needs: CloudFormation type → handler ("create") → actions."""
    found: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text())["types"]
    return found


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder, packages.opened("cfn-lint", Path(folder)) as archive:
        found = {}
        for name in sorted(set(types().values())):
            handlers = packages.schema_of(archive, name)["handlers"]
            found[name] = {one: sorted(handlers.get(one, {}).get("permissions", [])) for one in HANDLERS}
    source = f"{packages.pinned('cfn-lint')} (MIT-0): handlers of AWS's CloudFormation schemas"
    FILE.write_text(json.dumps({"source": source, "types": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
