data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  alias     = "live"
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
  account   = data.aws_caller_identity.current.account_id
  arn       = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${var.name}"
  alias_arn = "${local.arn}:${local.alias}"
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_158: CloudWatch Logs encrypts with its own key; a customer's key is an input (kms_key_arn), ADR 0005.
  # checkov:skip=CKV_AWS_338: Retention is the environment's choice (logs.retention_days); a year of lines costs more than the function.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50: X-Ray samples by request and bills by trace; a batch of thousands of ballots has no one trace.
  # checkov:skip=CKV_AWS_115: Concurrency is limited on the mapping; reserved concurrency as a throttle sends healthy messages to the dead-letter queue.
  # checkov:skip=CKV_AWS_116: Queues carry their own dead-letter queue; this setting only covers asynchronous invocations.
  # checkov:skip=CKV_AWS_117: A function that calls only AWS's public endpoints gains a cold start and a NAT bill from a VPC, no protection.
  # checkov:skip=CKV_AWS_173: The environment holds names and settings, no secret; Lambda encrypts it with its own key.
  # checkov:skip=CKV_AWS_272: The zip is pinned by its SHA-256 in the plan; signing profiles are an account's choice.
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn
  handler       = var.handler
  runtime       = var.runtime.name
  architectures = [var.runtime.architecture]
  memory_size   = var.sizing.memory_mb
  timeout       = var.sizing.timeout_seconds
  publish       = true

  filename          = var.package.path
  s3_bucket         = var.package.bucket
  s3_key            = var.package.key
  s3_object_version = var.package.object_version
  source_code_hash  = var.package.hash

  dynamic "environment" {
    for_each = length(var.environment) > 0 ? [var.environment] : []
    content {
      variables = environment.value
    }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.this.name
    application_log_level = var.logs.level
    system_log_level      = var.logs.system_level
  }

  # The first invocation may come as soon as the function exists: its rights must be there by then.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_alias" "live" {
  name             = local.alias
  description      = "The version that mappings, routes and schedules call."
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = var.consumes

  function_name                      = aws_lambda_alias.live.arn
  event_source_arn                   = each.value.queue.arn
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.queue.fifo ? null : each.value.queue.consumer.window_seconds
  function_response_types            = ["ReportBatchItemFailures"]
  enabled                            = true

  scaling_config {
    maximum_concurrency = each.value.maximum_concurrency
  }

  lifecycle {
    # Whether a mapping is on is operational state: a breaker or a person turns it off, and an apply must not turn it on again.
    ignore_changes = [enabled]
  }

  depends_on = [aws_iam_role_policy.this]
}
