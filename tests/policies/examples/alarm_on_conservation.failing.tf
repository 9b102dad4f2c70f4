resource "aws_lambda_event_source_mapping" "failing" {
  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name    = aws_lambda_alias.live.arn
}

# None of these rings when one witness is missing.
locals {
  alarms = {
    million = { threshold = 1000000 }
    less    = { comparison_operator = "LessThanThreshold", threshold = 1 }
    samples = { statistic = "SampleCount" }
    week    = { period = 86400, evaluation_periods = 7 }
  }
}

resource "aws_cloudwatch_metric_alarm" "conservation" {
  for_each = local.alarms

  alarm_name          = each.key
  namespace           = "work"
  metric_name         = "WitnessesMissing"
  statistic           = lookup(each.value, "statistic", "Maximum")
  period              = lookup(each.value, "period", 60)
  comparison_operator = lookup(each.value, "comparison_operator", "GreaterThanThreshold")
  threshold           = lookup(each.value, "threshold", 0)
  evaluation_periods  = lookup(each.value, "evaluation_periods", 1)
}
