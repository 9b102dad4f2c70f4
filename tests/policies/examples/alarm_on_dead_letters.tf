locals {
  # of an alarm on each; what it must be is in "passing"
  alarms = {
    passing            = {}
    passing_sum        = { statistic = "Sum", comparison_operator = "GreaterThanOrEqualToThreshold", threshold = 1 }
    passing_percentile = { statistic = null, extended_statistic = "p99" }
    failing_million    = { threshold = 1000000 }
    failing_average    = { threshold = 25, statistic = "Average" }
    failing_one        = { threshold = 1 }
    failing_less       = { comparison_operator = "LessThanThreshold", threshold = 1 }
    failing_band       = { comparison_operator = "GreaterThanUpperThreshold" }
    failing_samples    = { statistic = "SampleCount" }
    failing_rate       = { statistic = null, extended_statistic = "PR(1:2)" }
    failing_always     = { comparison_operator = "GreaterThanOrEqualToThreshold" }
    failing_late       = { period = 86400, evaluation_periods = 3 }
    failing_off        = { actions_enabled = false }
    failing_namespace  = { namespace = "Ours" }
    failing_dimension  = { more = { Colour = "red" } }
    failing_region     = { region = "eu-west-1" }
  }
}

resource "aws_sqs_queue" "dead" {
  for_each = toset(concat(["failing", "failing_math"], keys(local.alarms)))
  name     = "dead-${each.key}"
}

resource "aws_sqs_queue" "work" {
  for_each = aws_sqs_queue.dead

  name           = "work-${each.key}"
  redrive_policy = jsonencode({ deadLetterTargetArn = each.value.arn, maxReceiveCount = 5 })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each = local.alarms

  region              = lookup(each.value, "region", null)
  alarm_name          = "dead-letters-${each.key}"
  namespace           = lookup(each.value, "namespace", "AWS/SQS")
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = merge({ QueueName = "dead-${each.key}" }, lookup(each.value, "more", {}))
  statistic           = lookup(each.value, "statistic", "Maximum")
  extended_statistic  = lookup(each.value, "extended_statistic", null)
  period              = lookup(each.value, "period", 60)
  comparison_operator = lookup(each.value, "comparison_operator", "GreaterThanThreshold")
  threshold           = lookup(each.value, "threshold", 0)
  evaluation_periods  = lookup(each.value, "evaluation_periods", 1)
  actions_enabled     = lookup(each.value, "actions_enabled", true)
}

resource "aws_cloudwatch_metric_alarm" "math" {
  alarm_name          = "math"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  metric_query {
    id          = "never"
    expression  = "dead - 1000000"
    return_data = true
  }
  metric_query {
    id = "dead"
    metric {
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = "dead-failing_math" }
      stat        = "Maximum"
      period      = 60
    }
  }
}
