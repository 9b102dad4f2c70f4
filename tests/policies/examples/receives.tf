resource "aws_sqs_queue" "this" {
  for_each = { passing = 5, failing = 4 }

  name = each.key
  redrive_policy = jsonencode({
    deadLetterTargetArn = "arn:aws:sqs:us-east-1:111111111111:dead"
    maxReceiveCount     = each.value
  })
}

resource "aws_sqs_queue" "unknown" {
  name           = "unknown"
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.this["passing"].arn, maxReceiveCount = 5 })
}
