# An account that is for people.
data "aws_caller_identity" "current" {}

resource "aws_sns_topic" "on_call" {
  name = "on-call"
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = {
    passing          = ["arn:aws:sns:us-east-1:111111111111:on-call"]
    passing_by_apply = [aws_sns_topic.on_call.arn]
    passing_composed = []
    failing          = []
    failing_null     = null
    failing_composed = []
    unknown          = split(",", local.hidden)
  }

  alarm_name          = each.key
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  alarm_actions       = each.value
}

# It tells that it is over, and never that it began.
resource "aws_cloudwatch_metric_alarm" "failing_ok_only" {
  alarm_name          = "ok-only"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  ok_actions          = [aws_sns_topic.on_call.arn]
}

resource "aws_cloudwatch_metric_alarm" "failing_off" {
  alarm_name          = "off"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  actions_enabled     = false
  alarm_actions       = [aws_sns_topic.on_call.arn]
}

resource "aws_cloudwatch_metric_alarm" "skipped" {
  # checkov:skip=CKV_SLUICE_18: The reason, in words; checkov reads it with --repo-root-for-plan-enrichment.
  alarm_name          = "skipped"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
}

resource "aws_cloudwatch_composite_alarm" "passing" {
  alarm_name    = "together"
  alarm_rule    = "ALARM(\"passing_composed\") AND ALARM(passing)"
  alarm_actions = [aws_sns_topic.on_call.arn]
}

resource "aws_cloudwatch_composite_alarm" "failing" {
  alarm_name = "together-and-silent"
  alarm_rule = "ALARM(failing_composed)"
}
