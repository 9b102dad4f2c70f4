resource "aws_sqs_queue" "this" {
  for_each = toset(["passing", "failing", "failing_threshold", "failing_always", "passing_query"])
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

# A message is lost after four days.
resource "aws_cloudwatch_metric_alarm" "threshold" {
  alarm_name          = "threshold"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = "failing_threshold" }
  statistic           = "Maximum"
  period              = 60
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1000000
  evaluation_periods  = 3
}

resource "aws_cloudwatch_metric_alarm" "always" {
  alarm_name          = "always"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = "failing_always" }
  statistic           = "Maximum"
  period              = 60
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 0
  evaluation_periods  = 3
}

# The alarm goes by the metric itself, though it stands in a query.
resource "aws_cloudwatch_metric_alarm" "query" {
  alarm_name          = "query"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 600
  evaluation_periods  = 3
  metric_query {
    id          = "age"
    return_data = true
    metric {
      namespace   = "AWS/SQS"
      metric_name = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = "passing_query" }
      stat        = "Maximum"
      period      = 60
    }
  }
}
