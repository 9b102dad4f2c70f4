locals {
  function = "arn:aws:lambda:us-east-1:111111111111:function:consumer"
  bare     = "arn:aws:lambda:us-east-1:111111111111:function:silent:live"
}

# Nobody has said anything of silent, and too little of half and other.
resource "aws_lambda_function" "this" {
  for_each      = toset(["silent", "half", "other", "bare"])
  function_name = each.key
  role          = "arn:aws:iam::111111111111:role/consumer"
  handler       = "consumer.handler"
  runtime       = "python3.13"
  filename      = "consumer.zip"
}

resource "aws_lambda_function" "alone" {
  function_name = "alone"
  role          = "arn:aws:iam::111111111111:role/consumer"
  handler       = "consumer.handler"
  runtime       = "python3.13"
  filename      = "consumer.zip"
}

resource "aws_lambda_function_event_invoke_config" "live" {
  function_name                = aws_lambda_function.consumer.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 300
}

# Of $LATEST, which is what an unqualified ARN invokes.
resource "aws_lambda_function_event_invoke_config" "bare" {
  function_name                = aws_lambda_function.this["bare"].function_name
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 60
}

resource "aws_lambda_function_event_invoke_config" "other" {
  function_name                = aws_lambda_function.this["other"].function_name
  qualifier                    = "beta"
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 300
}

resource "aws_lambda_function_event_invoke_config" "half" {
  function_name          = aws_lambda_function.this["half"].function_name
  qualifier              = "live"
  maximum_retry_attempts = 0
}

resource "aws_scheduler_schedule" "this" {
  for_each = {
    passing               = { arn = "${local.function}:live", retries = 0 }
    failing_none          = { arn = local.bare, retries = 0 }
    failing_more_retries  = { arn = "${local.function}:live", retries = 2 }
    failing_half          = { arn = replace(local.bare, "silent", "half"), retries = 0 }
    failing_other_alias   = { arn = replace(local.bare, "silent", "other"), retries = 0 }
    failing_other_version = { arn = local.function, retries = 0 }
  }
  name                = each.key
  schedule_expression = "rate(1 minute)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = each.value.arn
    role_arn = aws_iam_role.schedule.arn
    retry_policy {
      maximum_retry_attempts       = each.value.retries
      maximum_event_age_in_seconds = 300
    }
  }
}

resource "aws_iam_role" "schedule" {
  name               = "schedule"
  assume_role_policy = "{}"
}

# Before the first apply nobody knows the alias's ARN, and what it refers to is judged.
resource "aws_sns_topic_subscription" "passing_reference" {
  topic_arn = "arn:aws:sns:us-east-1:111111111111:news"
  protocol  = "lambda"
  endpoint  = aws_lambda_alias.live.arn
}

resource "aws_sns_topic_subscription" "failing_reference" {
  topic_arn = "arn:aws:sns:us-east-1:111111111111:news"
  protocol  = "lambda"
  endpoint  = aws_lambda_function.alone.arn
}

# One of several: which, the plan does not say.
resource "aws_sns_topic_subscription" "unknown_which" {
  topic_arn = "arn:aws:sns:us-east-1:111111111111:news"
  protocol  = "lambda"
  endpoint  = aws_lambda_function.this["silent"].arn
}

resource "aws_sns_topic_subscription" "unknown" {
  topic_arn = "arn:aws:sns:us-east-1:111111111111:news"
  protocol  = "lambda"
  endpoint  = local.hidden
}

resource "aws_sns_topic_subscription" "queue" {
  topic_arn = "arn:aws:sns:us-east-1:111111111111:news"
  protocol  = "sqs"
  endpoint  = "arn:aws:sqs:us-east-1:111111111111:work"
}

resource "aws_s3_bucket_notification" "this" {
  for_each = {
    passing      = ["${local.function}:live", replace(local.bare, "silent:live", "bare")]
    failing_none = ["${local.function}:live", local.bare]
  }
  bucket = each.key

  dynamic "lambda_function" {
    for_each = each.value
    content {
      lambda_function_arn = lambda_function.value
      events              = ["s3:ObjectCreated:*"]
    }
  }
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = { passing = "${local.function}:live", failing = local.bare }
  rule     = "nightly"
  arn      = each.value
}
