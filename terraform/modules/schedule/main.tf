data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  # A role's trust takes the schedule's group, so that no other schedule of the account can borrow it.
  group_arn = join(":", [
    "arn", data.aws_partition.current.partition, "scheduler", data.aws_region.current.region,
    local.account, "schedule-group/default",
  ])
}

resource "aws_scheduler_schedule" "this" {
  # checkov:skip=CKV_AWS_297: The event holds no data, only that it is time; Scheduler encrypts it with its own key.
  name                         = var.name
  schedule_expression          = var.expression
  schedule_expression_timezone = var.timezone
  state                        = var.enabled ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.function.arn
    role_arn = aws_iam_role.this.arn
    input    = var.input

    retry_policy {
      maximum_retry_attempts       = var.function.asynchronous.retries
      maximum_event_age_in_seconds = var.function.asynchronous.age_seconds
    }
  }

  lifecycle {
    # Whether it is on is operational state, as with a mapping.
    ignore_changes = [state]
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-schedule"
  description          = "What the schedule ${var.name} may do."
  permissions_boundary = var.permissions_boundary
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account, "aws:SourceArn" = local.group_arn }
      }
    }]
  })
  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  name = "invokes"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = var.function.invoke.actions
      Resource = var.function.invoke.resources
    }]
  })
}
