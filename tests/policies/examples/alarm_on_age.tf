resource "aws_sqs_queue" "this" {
  for_each = toset(["passing", "failing"])
  name     = each.key
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = aws_sqs_queue.this

  event_source_arn = each.value.arn
  function_name    = aws_lambda_alias.live.arn
}

resource "aws_cloudwatch_metric_alarm" "age" {
  alarm_name          = "age"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.this["passing"].name }
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
}
