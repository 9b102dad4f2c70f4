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
  # checkov:skip=CKV_AWS_158: Encrypted with CloudWatch Logs' own key; a customer's is an input (kms_key_arn), ADR 0005.
  # checkov:skip=CKV_AWS_338: Retention is an input (logs.retention_days); a year of lines costs more than the function.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50: An input (logs.traces): X-Ray bills by trace; a batch of messages has none.
  # checkov:skip=CKV_AWS_115: An input (sizing.reserved_concurrency); a queue's consumer is limited by its mapping.
  # checkov:skip=CKV_AWS_116: Queues have their own dead-letter queue; for events there is asynchronous.on_failure.
  # checkov:skip=CKV_AWS_117: An input (vpc): to call AWS's public endpoints alone, it is a NAT bill and no protection.
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
  tags          = var.tags

  reserved_concurrent_executions = coalesce(var.sizing.reserved_concurrency, -1)

  filename          = var.package.path
  s3_bucket         = var.package.bucket
  s3_key            = var.package.key
  s3_object_version = var.package.object_version
  source_code_hash  = var.package.hash
  layers            = var.runtime.layers

  dynamic "environment" {
    for_each = length(var.environment) > 0 ? [var.environment] : []
    content {
      variables = environment.value
    }
  }

  ephemeral_storage {
    size = var.sizing.storage_mb
  }

  dynamic "vpc_config" {
    for_each = var.vpc == null ? [] : [var.vpc]
    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  dynamic "tracing_config" {
    for_each = var.logs.traces ? ["Active"] : []
    content {
      mode = tracing_config.value
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

# What nobody waits for an answer of: Lambda's own queue tries it again, by default twice and for up
# to six hours, whatever the schedule or notification says of its delivery.
resource "aws_lambda_function_event_invoke_config" "this" {
  count = var.asynchronous == null ? 0 : 1

  function_name                = aws_lambda_function.this.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_retry_attempts       = var.asynchronous.retries
  maximum_event_age_in_seconds = var.asynchronous.age_seconds

  dynamic "destination_config" {
    for_each = var.asynchronous.on_failure == null ? [] : [var.asynchronous.on_failure]
    content {
      on_failure {
        destination = destination_config.value.arn
      }
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

# Lambda stops a chain of about 16 invocations that leads back through a queue, and drops its message.
resource "aws_lambda_function_recursion_config" "this" {
  count = var.recursion == "terminate" ? 0 : 1

  function_name  = aws_lambda_function.this.function_name
  recursive_loop = title(var.recursion)
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = var.consumes

  function_name                      = aws_lambda_alias.live.arn
  event_source_arn                   = each.value.queue.arn
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.queue.fifo ? null : each.value.queue.consumer.window_seconds
  function_response_types            = ["ReportBatchItemFailures"]
  enabled                            = true
  tags                               = var.tags

  dynamic "scaling_config" {
    for_each = each.value.pollers == null ? [each.value.maximum_concurrency] : []
    content {
      maximum_concurrency = scaling_config.value
    }
  }

  dynamic "provisioned_poller_config" {
    for_each = each.value.pollers == null ? [] : [each.value.pollers]
    content {
      minimum_pollers = provisioned_poller_config.value.least
      maximum_pollers = provisioned_poller_config.value.most
    }
  }

  lifecycle {
    # Whether a mapping is on is operational state: a breaker or a person turns it off, and an apply
    # must not turn it on again.
    ignore_changes = [enabled]
  }

  depends_on = [aws_iam_role_policy.this]
}
