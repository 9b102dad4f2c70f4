resource "aws_sqs_queue" "dead" {
  name = "dead"
}

resource "aws_sqs_queue" "this" {
  for_each = { passing = false, failing_kind = true }

  name           = each.value ? "other.fifo" : "work"
  fifo_queue     = each.value
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 5 })
}

resource "aws_sqs_queue" "failing_none" {
  name = "none"
}

resource "aws_lambda_event_source_mapping" "this" {
  event_source_arn = aws_sqs_queue.failing_none.arn
  function_name    = aws_lambda_alias.live.arn
}

resource "aws_sqs_queue" "unknown" {
  name           = "unknown"
  redrive_policy = jsonencode({ deadLetterTargetArn = local.hidden, maxReceiveCount = 5 })
}
