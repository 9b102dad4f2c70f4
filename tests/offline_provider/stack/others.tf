resource "aws_scheduler_schedule" "s" {
  name                = "s"
  group_name          = aws_scheduler_schedule_group.g.name
  schedule_expression = local.two ? "rate(10 minutes)" : "rate(5 minutes)"
  flexible_time_window { mode = "OFF" }
  target {
    arn      = aws_lambda_alias.live.arn
    role_arn = aws_iam_role.s.arn
    input    = jsonencode({ source = "schedule" })
    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "a" {
  alarm_name          = "a"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "ApproximateAgeOfOldestMessage"
  namespace           = "AWS/SQS"
  period              = 60
  statistic           = "Maximum"
  threshold           = local.two ? 0.1 : 300
  dimensions          = { QueueName = aws_sqs_queue.q.name }
  alarm_actions       = [aws_sns_topic.t.arn]
  ok_actions          = []
}

resource "aws_cloudwatch_dashboard" "d" {
  dashboard_name = "d"
  dashboard_body = jsonencode({ widgets = [{ type = "text" }] })
}

resource "aws_sns_topic" "t" { name = "t" }

resource "aws_kms_key" "k" {
  enable_key_rotation = true
}

resource "aws_kms_alias" "k" {
  name          = "alias/k"
  target_key_id = aws_kms_key.k.key_id
}

resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }

resource "aws_security_group" "g" {
  name   = "g"
  vpc_id = aws_vpc.v.id
}

resource "aws_vpc_security_group_egress_rule" "e" {
  security_group_id = aws_security_group.g.id
  cidr_ipv4         = "10.1.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
}

resource "aws_cloudwatch_event_rule" "r" {
  name                = "r"
  schedule_expression = "rate(1 minute)"
}

resource "aws_cloudwatch_event_target" "r" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_sqs_queue.plain.arn
}

resource "aws_secretsmanager_secret" "s" { name = "s" }

resource "aws_secretsmanager_secret_version" "s" {
  secret_id     = aws_secretsmanager_secret.s.id
  secret_string = "test"
}

resource "aws_iam_openid_connect_provider" "g" {
  url            = "https://token.example.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_budgets_budget" "b" {
  name         = "b"
  budget_type  = "COST"
  limit_amount = local.two ? "20" : "10"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    notification_type          = "FORECASTED"
    subscriber_email_addresses = ["a@example.com"]
  }
}

resource "aws_scheduler_schedule_group" "g" { name = "g" }
