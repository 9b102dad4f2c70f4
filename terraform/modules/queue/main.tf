data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  suffix      = var.fifo ? ".fifo" : ""
  name        = "${var.name}${local.suffix}"
  dead_letter = "${var.name}-dlq${local.suffix}"

  # Built from names, so that policies can be read in the plan.
  arn_prefix = join(":", [
    "arn", data.aws_partition.current.partition, "sqs",
    data.aws_region.current.region, data.aws_caller_identity.current.account_id,
  ])
  arn             = "${local.arn_prefix}:${local.name}"
  dead_letter_arn = "${local.arn_prefix}:${local.dead_letter}"

  # AWS's rule for a queue behind a Lambda function: no message comes again while a batch may still be worked on.
  visibility_seconds = 6 * var.consumer.timeout_seconds + var.consumer.window_seconds
}

resource "aws_sqs_queue" "this" {
  name                        = local.name
  fifo_queue                  = var.fifo
  deduplication_scope         = var.fifo ? "messageGroup" : null
  fifo_throughput_limit       = var.fifo ? "perMessageGroupId" : null
  content_based_deduplication = false
  tags                        = var.tags

  visibility_timeout_seconds = local.visibility_seconds
  message_retention_seconds  = var.retention.seconds
  receive_wait_time_seconds  = 20
  delay_seconds              = var.delay_seconds
  max_message_size           = var.max_message_bytes

  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  lifecycle {
    precondition {
      condition = var.retention.seconds > local.visibility_seconds
      error_message = join(" ", [
        "retention.seconds (${var.retention.seconds}) must exceed the visibility timeout",
        "(${local.visibility_seconds} = 6 x timeout + window), or a message expires before its",
        "second try.",
      ])
    }
  }
}

resource "aws_sqs_queue" "dead_letter" {
  name                        = local.dead_letter
  fifo_queue                  = var.fifo
  deduplication_scope         = var.fifo ? "messageGroup" : null
  fifo_throughput_limit       = var.fifo ? "perMessageGroupId" : null
  content_based_deduplication = false
  tags                        = var.tags

  message_retention_seconds = var.retention.dead_letter_seconds
  receive_wait_time_seconds = 20
  max_message_size          = var.max_message_bytes

  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn
}

# Redrive lives apart from the queues, so that each can name the other.
resource "aws_sqs_queue_redrive_policy" "this" {
  queue_url = aws_sqs_queue.this.url
  redrive_policy = jsonencode({
    deadLetterTargetArn = local.dead_letter_arn
    maxReceiveCount     = var.max_receives
  })
  depends_on = [aws_sqs_queue.dead_letter]
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letter" {
  queue_url = aws_sqs_queue.dead_letter.url
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.arn]
  })
  depends_on = [aws_sqs_queue.this]
}

resource "aws_sqs_queue_policy" "tls_only" {
  for_each = {
    queue       = { url = aws_sqs_queue.this.url, arn = local.arn }
    dead_letter = { url = aws_sqs_queue.dead_letter.url, arn = local.dead_letter_arn }
  }

  queue_url = each.value.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = each.value.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      [for key, sender in each.key == "queue" ? var.senders : {} : {
        Sid       = key
        Effect    = "Allow"
        Principal = { Service = sender.principal }
        Action    = "sqs:SendMessage"
        Resource  = each.value.arn
        Condition = {
          StringEquals = merge(
            { "aws:SourceArn" = sender.source },
            # a bucket's ARN says no account, and its name may be somebody else's one day
            { for name in ["aws:SourceAccount"] : name => data.aws_caller_identity.current.account_id
            if split(":", sender.source)[4] == "" },
          )
        }
      }],
    )
  })
}
