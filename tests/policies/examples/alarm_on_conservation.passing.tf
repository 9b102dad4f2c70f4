resource "aws_lambda_event_source_mapping" "passing" {
  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name    = aws_lambda_alias.live.arn
}

resource "aws_cloudwatch_metric_alarm" "conservation" {
  alarm_name          = "conservation"
  namespace           = "work"
  metric_name         = "WitnessesMissing"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
}
