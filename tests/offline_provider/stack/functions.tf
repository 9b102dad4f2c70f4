resource "aws_iam_role" "f" {
  name                 = "f"
  description          = local.two ? "two" : null
  permissions_boundary = local.two ? null : aws_iam_policy.most.arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_policy" "most" {
  name        = "most"
  description = "What f may do at most."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = local.two ? "sqs:*" : "*"
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "f" {
  role       = aws_iam_role.f.name
  policy_arn = aws_iam_policy.most.arn
}

resource "aws_iam_role_policy" "f" {
  name = "f"
  role = aws_iam_role.f.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = aws_sqs_queue.q.arn
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.f.arn}:*"
      },
    ]
  })
}

resource "aws_cloudwatch_log_group" "f" {
  name              = "/aws/lambda/f"
  retention_in_days = local.two ? 14 : 7
}

resource "aws_lambda_function" "f" {
  function_name    = "f"
  role             = aws_iam_role.f.arn
  handler          = "main.handler"
  runtime          = "python3.13"
  architectures    = ["arm64"]
  memory_size      = local.two ? 512 : 256
  timeout          = 10
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  publish          = true
  environment {
    variables = { ROUND = tostring(var.round), QUEUE_URL = aws_sqs_queue.q.url }
  }
  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.f.name
  }
  tracing_config { mode = "Active" }
  depends_on = [aws_iam_role_policy.f]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.f.function_name
  function_version = aws_lambda_function.f.version
}

resource "aws_lambda_function_event_invoke_config" "events" {
  function_name                = aws_lambda_function.f.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_retry_attempts       = local.two ? 1 : 0
  maximum_event_age_in_seconds = 60
  destination_config {
    on_failure {
      destination = aws_sqs_queue.plain.arn
    }
  }
}

resource "aws_lambda_function_recursion_config" "loop" {
  function_name  = aws_lambda_function.f.function_name
  recursive_loop = local.two ? "Terminate" : "Allow"
}

resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn        = aws_sqs_queue.q.arn
  function_name           = aws_lambda_alias.live.arn
  batch_size              = local.two ? 5 : 10
  function_response_types = ["ReportBatchItemFailures"]
  scaling_config { maximum_concurrency = local.two ? 10 : 4 }
}

resource "aws_lambda_event_source_mapping" "m2" {
  event_source_arn                   = aws_sqs_queue.plain.arn
  function_name                      = aws_lambda_alias.live.arn
  batch_size                         = 10000
  maximum_batching_window_in_seconds = 2
  filter_criteria {
    filter {
      pattern = jsonencode({ body = { a = ["b"] } })
    }
  }
}

resource "aws_lambda_permission" "api" {
  function_name = aws_lambda_function.f.function_name
  qualifier     = aws_lambda_alias.live.name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.a.execution_arn}/*/*"
}

resource "aws_iam_role" "s" {
  name_prefix = "s-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "scheduler.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy" "s" {
  name = "invoke"
  role = aws_iam_role.s.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = aws_lambda_alias.live.arn
      },
    ]
  })
}
