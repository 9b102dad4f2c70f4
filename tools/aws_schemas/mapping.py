"""What CloudFormation calls a type of Terraform's and its attributes.

An attribute is the property of its name without underscores, in any case; `_NAMES` has the others.
A line is a type and pairs `attribute=Property`, blocks and properties inside others with a dot. A
block that is `.` stands in CloudFormation among what is around it; what is `-` is no property
there. `List[Key=Value].Property` adds an element to a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from tools.offline_provider.schema_sources import resources

# Types without a type of their own in the stand-in's sources, most of them settings of another.
_KINDS = {
    "aws_sqs_queue_policy": "AWS::SQS::QueuePolicy",
    "aws_sqs_queue_redrive": "AWS::SQS::Queue",
    "aws_s3_bucket": "AWS::S3::Bucket",
    "aws_sns_topic_policy": "AWS::SNS::TopicPolicy",
}
# Terraform's way to say "not set", where that is not null, "" or an empty list.
_UNSET = {
    "aws_cloudwatch_log_group retention_in_days": 0,
    "aws_lambda_function reserved_concurrent_executions": -1,
}
# What Terraform's provider says by itself, with no attribute for it.
SAID_BY_ITSELF: Mapping[str, Mapping[str, Any]] = {"aws_vpn_gateway": {"Type": "ipsec.1"}}
# Terraform's own: nothing of these reaches AWS, or under another name of theirs (`tags_all`).
_OWN = """
id region tags timeouts name_prefix bucket_prefix statement_id_prefix force_destroy skip_destroy publish publish_to
code_sha256 source_code_hash use_resource_timeout_for_propagation force_detach_policies endpoint_auto_confirms
confirmation_timeout_in_minutes expected_bucket_owner
"""
_NAMES = """
aws_sqs_queue max_message_size=MaximumMessageSize message_retention_seconds=MessageRetentionPeriod
aws_sqs_queue receive_wait_time_seconds=ReceiveMessageWaitTimeSeconds visibility_timeout_seconds=VisibilityTimeout
aws_sqs_queue_policy queue_url=Queues
aws_sns_topic_policy arn=Topics
aws_lambda_function filename=Code.ZipFile image_uri=Code.ImageUri s3_bucket=Code.S3Bucket s3_key=Code.S3Key
aws_lambda_function s3_object_version=Code.S3ObjectVersion source_kms_key_arn=Code.SourceKMSKeyArn
aws_lambda_function file_system_config=FileSystemConfigs
aws_lambda_event_source_mapping destination_config.on_failure.destination_arn=Destination
aws_lambda_event_source_mapping filter_criteria.filter=Filters
aws_lambda_function_url authorization_type=AuthType
aws_lambda_permission statement_id=Id
aws_cloudfront_distribution aliases=DistributionConfig.Aliases comment=DistributionConfig.Comment
aws_cloudfront_distribution default_cache_behavior=DistributionConfig.DefaultCacheBehavior
aws_cloudfront_distribution default_root_object=DistributionConfig.DefaultRootObject
aws_cloudfront_distribution enabled=DistributionConfig.Enabled http_version=DistributionConfig.HttpVersion
aws_cloudfront_distribution is_ipv6_enabled=DistributionConfig.IPV6Enabled origin=DistributionConfig.Origins
aws_cloudfront_distribution origin.origin_id=Id
aws_cloudfront_distribution price_class=DistributionConfig.PriceClass web_acl_id=DistributionConfig.WebACLId
aws_cloudfront_distribution restrictions=DistributionConfig.Restrictions
aws_cloudfront_distribution viewer_certificate=DistributionConfig.ViewerCertificate
aws_cloudfront_distribution logging_config=DistributionConfig.Logging staging=DistributionConfig.Staging
aws_cloudfront_origin_access_control description=OriginAccessControlConfig.Description
aws_cloudfront_origin_access_control name=OriginAccessControlConfig.Name
aws_cloudfront_origin_access_control \
origin_access_control_origin_type=OriginAccessControlConfig.OriginAccessControlOriginType
aws_cloudfront_origin_access_control signing_behavior=OriginAccessControlConfig.SigningBehavior
aws_cloudfront_origin_access_control signing_protocol=OriginAccessControlConfig.SigningProtocol
aws_cloudfront_response_headers_policy comment=ResponseHeadersPolicyConfig.Comment name=ResponseHeadersPolicyConfig.Name
aws_cloudfront_response_headers_policy security_headers_config=ResponseHeadersPolicyConfig.SecurityHeadersConfig
aws_cloudfront_response_headers_policy cors_config=ResponseHeadersPolicyConfig.CorsConfig
aws_apigatewayv2_authorizer identity_sources=IdentitySource
aws_apigatewayv2_integration timeout_milliseconds=TimeoutInMillis
aws_apigatewayv2_stage name=StageName
aws_budgets_budget name=Budget.BudgetName budget_type=Budget.BudgetType time_unit=Budget.TimeUnit
aws_budgets_budget limit_amount=Budget.BudgetLimit.Amount limit_unit=Budget.BudgetLimit.Unit metrics=Budget.Metrics
aws_budgets_budget cost_types=Budget.CostTypes auto_adjust_data=Budget.AutoAdjustData
aws_budgets_budget billing_view_arn=Budget.BillingViewArn notification=NotificationsWithSubscribers
aws_budgets_budget notification.comparison_operator=Notification.ComparisonOperator
aws_budgets_budget notification.notification_type=Notification.NotificationType
aws_budgets_budget notification.threshold=Notification.Threshold
aws_budgets_budget notification.threshold_type=Notification.ThresholdType
aws_budgets_budget notification.subscriber_email_addresses=Subscribers[SubscriptionType=EMAIL].Address
aws_budgets_budget notification.subscriber_sns_topic_arns=Subscribers[SubscriptionType=SNS].Address
aws_budgets_budget tags_all=ResourceTags
aws_cloudtrail enable_logging=IsLogging cloud_watch_logs_group_arn=CloudWatchLogsLogGroupArn
aws_cloudwatch_log_metric_filter pattern=FilterPattern metric_transformation.name=MetricName
aws_cloudwatch_log_metric_filter metric_transformation.namespace=MetricNamespace
aws_cloudwatch_log_metric_filter metric_transformation.value=MetricValue
aws_cloudwatch_metric_alarm evaluate_low_sample_count_percentiles=EvaluateLowSampleCountPercentile
aws_cloudwatch_metric_alarm metric_query=Metrics metric_query.metric=MetricStat
aws_cloudwatch_metric_alarm metric_query.metric.metric_name=Metric.MetricName
aws_cloudwatch_metric_alarm metric_query.metric.namespace=Metric.Namespace
aws_cloudwatch_metric_alarm metric_query.metric.dimensions=Metric.Dimensions
aws_cloudwatch_composite_alarm actions_suppressor=. actions_suppressor.alarm=ActionsSuppressor
aws_cloudwatch_composite_alarm actions_suppressor.extension_period=ActionsSuppressorExtensionPeriod
aws_cloudwatch_composite_alarm actions_suppressor.wait_period=ActionsSuppressorWaitPeriod
aws_dynamodb_table attribute=AttributeDefinitions attribute.name=AttributeName attribute.type=AttributeType
aws_dynamodb_table hash_key=KeySchema[KeyType=HASH].AttributeName range_key=KeySchema[KeyType=RANGE].AttributeName
aws_dynamodb_table read_capacity=ProvisionedThroughput.ReadCapacityUnits
aws_dynamodb_table write_capacity=ProvisionedThroughput.WriteCapacityUnits
aws_dynamodb_table stream_enabled=- stream_view_type=StreamSpecification.StreamViewType ttl=TimeToLiveSpecification
aws_dynamodb_table point_in_time_recovery=PointInTimeRecoverySpecification
aws_dynamodb_table point_in_time_recovery.enabled=PointInTimeRecoveryEnabled
aws_dynamodb_table server_side_encryption=SSESpecification server_side_encryption.enabled=SSEEnabled
aws_dynamodb_table server_side_encryption.kms_key_arn=KMSMasterKeyId
aws_dynamodb_table global_secondary_index.name=IndexName
aws_dynamodb_table global_secondary_index.hash_key=KeySchema[KeyType=HASH].AttributeName
aws_dynamodb_table global_secondary_index.range_key=KeySchema[KeyType=RANGE].AttributeName
aws_dynamodb_table global_secondary_index.projection_type=Projection.ProjectionType
aws_dynamodb_table global_secondary_index.non_key_attributes=Projection.NonKeyAttributes
aws_dynamodb_table global_secondary_index.read_capacity=ProvisionedThroughput.ReadCapacityUnits
aws_dynamodb_table global_secondary_index.write_capacity=ProvisionedThroughput.WriteCapacityUnits
aws_dynamodb_table local_secondary_index.name=IndexName
aws_dynamodb_table local_secondary_index.range_key=KeySchema[KeyType=RANGE].AttributeName
aws_dynamodb_table local_secondary_index.projection_type=Projection.ProjectionType
aws_dynamodb_table local_secondary_index.non_key_attributes=Projection.NonKeyAttributes
aws_ec2_transit_gateway_vpc_attachment appliance_mode_support=Options.ApplianceModeSupport
aws_ec2_transit_gateway_vpc_attachment dns_support=Options.DnsSupport ipv6_support=Options.Ipv6Support
aws_ec2_transit_gateway_vpc_attachment security_group_referencing_support=Options.SecurityGroupReferencingSupport
aws_iam_role assume_role_policy=AssumeRolePolicyDocument
aws_kms_key policy=KeyPolicy customer_master_key_spec=KeySpec is_enabled=Enabled
aws_kms_key deletion_window_in_days=PendingWindowInDays
aws_lb load_balancer_type=Type
aws_lb_listener certificate_arn=Certificates[CertificateArn=].CertificateArn default_action=DefaultActions
aws_lb_listener default_action.fixed_response=FixedResponseConfig
aws_lb_listener default_action.jwt_validation=JwtValidationConfig
aws_lb_listener_rule action=Actions action.fixed_response=FixedResponseConfig
aws_lb_listener_rule action.jwt_validation=JwtValidationConfig condition=Conditions
aws_lb_listener_rule condition.path_pattern=PathPatternConfig
aws_lb_listener_rule condition.http_request_method=HttpRequestMethodConfig
aws_wafv2_web_acl rule=Rules rule.statement.rate_based_statement.custom_key=CustomKeys
aws_wafv2_web_acl rule.statement.rate_based_statement.custom_key.header.text_transformation=TextTransformations
aws_s3_bucket versioning=- server_side_encryption_configuration=- logging=- website=- replication_configuration=-
aws_s3_bucket cors_rule=- grant=- lifecycle_rule=- acceleration_status=- acl=- policy=- request_payer=-
aws_s3_bucket_cors_configuration bucket=BucketName cors_rule=CorsConfiguration.CorsRules
aws_s3_bucket_cors_configuration cors_rule.expose_headers=ExposedHeaders cors_rule.max_age_seconds=MaxAge
aws_s3_bucket_lifecycle_configuration bucket=BucketName rule=LifecycleConfiguration.Rules rule.expiration=.
aws_s3_bucket_lifecycle_configuration rule.expiration.days=ExpirationInDays rule.expiration.date=ExpirationDate
aws_s3_bucket_lifecycle_configuration rule.filter=. rule.transition.days=TransitionInDays
aws_s3_bucket_lifecycle_configuration rule.transition.date=TransitionDate
aws_s3_bucket_lifecycle_configuration rule.noncurrent_version_transition=NoncurrentVersionTransitions
aws_s3_bucket_lifecycle_configuration rule.noncurrent_version_transition.noncurrent_days=TransitionInDays
aws_s3_bucket_logging bucket=BucketName target_bucket=LoggingConfiguration.DestinationBucketName
aws_s3_bucket_logging target_prefix=LoggingConfiguration.LogFilePrefix
aws_s3_bucket_ownership_controls bucket=BucketName rule=OwnershipControls.Rules
aws_s3_bucket_public_access_block bucket=BucketName
aws_s3_bucket_public_access_block block_public_acls=PublicAccessBlockConfiguration.BlockPublicAcls
aws_s3_bucket_public_access_block block_public_policy=PublicAccessBlockConfiguration.BlockPublicPolicy
aws_s3_bucket_public_access_block ignore_public_acls=PublicAccessBlockConfiguration.IgnorePublicAcls
aws_s3_bucket_public_access_block restrict_public_buckets=PublicAccessBlockConfiguration.RestrictPublicBuckets
aws_s3_bucket_server_side_encryption_configuration bucket=BucketName
aws_s3_bucket_server_side_encryption_configuration rule=BucketEncryption.ServerSideEncryptionConfiguration
aws_s3_bucket_server_side_encryption_configuration rule.apply_server_side_encryption_by_default=\
ServerSideEncryptionByDefault
aws_s3_bucket_versioning bucket=BucketName
aws_secretsmanager_secret replica=ReplicaRegions replica.region=Region
aws_security_group ingress=SecurityGroupIngress egress=SecurityGroupEgress
"""


@cache
def names(kind: str) -> Mapping[str, str]:
    """Attribute ("rule.expiration.days") → property, of what is not called alike."""
    _, _, renamed = resources().get(kind, ("", "", {}))
    everywhere = {**dict.fromkeys(_OWN.split(), "-"), "tags_all": "Tags", "policy": "PolicyDocument"}
    return {**everywhere, **renamed, **named().get(kind, {})}


@cache
def named() -> Mapping[str, Mapping[str, str]]:
    """What is named here, by type."""
    found: dict[str, dict[str, str]] = {}
    for kind, *pairs in (line.split() for line in _NAMES.strip().splitlines()):
        found.setdefault(kind, {}).update(pair.split("=", 1) for pair in pairs)  # type: ignore[misc]
    return found


def cloudformation(kind: str) -> str:
    """CloudFormation's type of a type of Terraform's, or "" where it has none."""
    _, known, _ = resources().get(kind, ("", "", {}))
    return known or next((name for start, name in _KINDS.items() if kind.startswith(start)), "")


def cloudformation_types() -> set[str]:
    """All that the stand-in provider's types are in CloudFormation."""
    return {cloudformation(kind) for kind in resources()} - {""}


def attributes(kind: str, part: str) -> list[str]:
    """The attributes that a property, or what is inside it, is made of."""
    found = [name for name, target in names(kind).items() if re.match(rf"{part}\b", target) and "." not in name]
    return found or [re.sub(r"(?<!^)(?=[A-Z])", "_", part).lower()]


def is_unset(kind: str, attribute: str, value: Any) -> bool:
    """Whether a value says that the attribute is not set."""
    return value in (None, "", [], {}) or value == _UNSET.get(f"{kind} {attribute}", ())
