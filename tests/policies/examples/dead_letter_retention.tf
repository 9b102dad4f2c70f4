resource "aws_sqs_queue" "dead" {
  name                      = "dead"
  message_retention_seconds = 86400
}

resource "aws_sqs_queue" "this" {
  for_each = { passing = 86400, failing = 86401 }

  name                      = each.key
  message_retention_seconds = each.value
}

resource "aws_sqs_queue_redrive_policy" "this" {
  for_each = aws_sqs_queue.this

  queue_url      = each.value.url
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 5 })
}
