resource "aws_sqs_queue" "dead" {
  for_each = toset(["passing", "failing"])
  name     = "dead-${each.key}"
}

resource "aws_sqs_queue" "work" {
  for_each = aws_sqs_queue.dead

  name           = "work-${each.key}"
  redrive_policy = jsonencode({ deadLetterTargetArn = each.value.arn, maxReceiveCount = 5 })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "dead-letters"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = "dead-passing" }
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
}
