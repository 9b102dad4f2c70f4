terraform {
  required_providers { aws = { source = "hashicorp/aws", version = "~> 6.0" } }
}
# Every type with real calls, and some that are recorded only; round 2 changes whatever can be changed in place.

variable "round" {
  type    = number
  default = 1
}
variable "package" { type = string }
locals {
  two = var.round == 2
}
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["000000000000"]
  default_tags {
    tags = { project = "test" }
  }
}
data "aws_caller_identity" "me" {}
resource "aws_sqs_queue" "dead" {
  name                      = "q-dlq.fifo"
  fifo_queue                = true
  message_retention_seconds = 1209600
}
resource "aws_sqs_queue" "q" {
  name                       = "q.fifo"
  fifo_queue                 = true
  deduplication_scope        = "messageGroup"
  fifo_throughput_limit      = "perMessageGroupId"
  visibility_timeout_seconds = local.two ? 60 : 45
  delay_seconds              = 6
  sqs_managed_sse_enabled    = true
  tags                       = local.two ? { a = "c" } : { a = "b" }
}
resource "aws_sqs_queue" "plain" {
  name_prefix    = "plain-"
  redrive_policy = jsonencode({ maxReceiveCount = 5, deadLetterTargetArn = aws_sqs_queue.plain_dead.arn })
}
resource "aws_sqs_queue" "plain_dead" { name = "plain-dead" }
resource "aws_sqs_queue_redrive_policy" "q" {
  queue_url      = aws_sqs_queue.q.id
  redrive_policy = jsonencode({ maxReceiveCount = local.two ? 7 : 5, deadLetterTargetArn = aws_sqs_queue.dead.arn })
}
resource "aws_sqs_queue_redrive_allow_policy" "q" {
  queue_url            = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.q.arn] })
}
resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.id
  policy    = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "tls", Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = aws_sqs_queue.q.arn, Condition = { Bool = { "aws:SecureTransport" = "false" } } }, { Sid = "owner", Effect = "Allow", Principal = "*", Action = "sqs:*", Resource = aws_sqs_queue.q.arn, Condition = { StringEquals = { "aws:PrincipalAccount" = local.two ? "000000000000" : "111111111111" } } }] })
}
resource "aws_dynamodb_table" "t" {
  name                        = "table-t"
  hash_key                    = "a"
  range_key                   = "b"
  billing_mode                = local.two ? "PROVISIONED" : "PAY_PER_REQUEST"
  read_capacity               = local.two ? 5 : null
  write_capacity              = local.two ? 6 : null
  deletion_protection_enabled = !local.two
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "b"
    type = "N"
  }
  ttl {
    enabled        = true
    attribute_name = "expires"
  }
  point_in_time_recovery { enabled = true }
  server_side_encryption { enabled = true }
  dynamic "warm_throughput" {
    for_each = local.two ? [] : [1]
    content {
      read_units_per_second  = 12000
      write_units_per_second = 4000
    }
  }
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
}
resource "aws_dynamodb_table" "p" {
  name           = "table-p"
  hash_key       = "a"
  billing_mode   = "PROVISIONED"
  read_capacity  = local.two ? 50 : 5
  write_capacity = 6
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "g"
    type = "S"
  }
  global_secondary_index {
    name            = "byg"
    hash_key        = "g"
    projection_type = "ALL"
    read_capacity   = 1
    write_capacity  = 1
  }
  lifecycle { ignore_changes = [read_capacity, write_capacity] }
}
resource "aws_iam_role" "f" {
  name                 = "f"
  description          = local.two ? "two" : null
  permissions_boundary = local.two ? null : aws_iam_policy.most.arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_policy" "most" {
  name        = "most"
  description = "What f may do at most."
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = local.two ? "sqs:*" : "*", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "f" {
  role       = aws_iam_role.f.name
  policy_arn = aws_iam_policy.most.arn
}
resource "aws_iam_role_policy" "f" {
  name = "f"
  role = aws_iam_role.f.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], Resource = aws_sqs_queue.q.arn },
  { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${aws_cloudwatch_log_group.f.arn}:*" }] })
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
    variables = { ROUND = tostring(var.round), Q = aws_sqs_queue.q.url }
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
resource "aws_apigatewayv2_api" "a" {
  name          = "a"
  protocol_type = "HTTP"
  cors_configuration {
    allow_origins = ["https://x.example", "https://a.example"]
    allow_methods = local.two ? ["POST", "GET"] : ["POST"]
    max_age       = 300
  }
}
resource "aws_apigatewayv2_integration" "i" {
  api_id                 = aws_apigatewayv2_api.a.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_alias.live.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = local.two ? 5000 : null
}
resource "aws_apigatewayv2_route" "r" {
  api_id    = aws_apigatewayv2_api.a.id
  route_key = "POST /v1/x"
  target    = "integrations/${aws_apigatewayv2_integration.i.id}"
}
resource "aws_apigatewayv2_route" "jwt" {
  api_id               = aws_apigatewayv2_api.a.id
  route_key            = "POST /v1/jwt"
  target               = "integrations/${aws_apigatewayv2_integration.i.id}"
  authorization_type   = "JWT"
  authorizer_id        = aws_apigatewayv2_authorizer.j.id
  authorization_scopes = ["votes"]
}
resource "aws_apigatewayv2_authorizer" "j" {
  api_id           = aws_apigatewayv2_api.a.id
  authorizer_type  = "JWT"
  name             = "j"
  identity_sources = ["$request.header.Authorization"]
  jwt_configuration {
    audience = local.two ? ["me", "you"] : ["me"]
    issuer   = "https://issuer.example"
  }
}
resource "aws_apigatewayv2_stage" "s" {
  api_id      = aws_apigatewayv2_api.a.id
  name        = "$default"
  auto_deploy = true
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.f.arn
    format          = jsonencode({ requestId = "$context.requestId", status = "$context.status" })
  }
  default_route_settings {
    detailed_metrics_enabled = true
    throttling_burst_limit   = 100
    throttling_rate_limit    = local.two ? 33.3 : 50
  }
  route_settings {
    route_key              = aws_apigatewayv2_route.r.route_key
    throttling_burst_limit = 10
    throttling_rate_limit  = 20
  }
}
resource "aws_s3_bucket" "b" {
  bucket        = "b-${data.aws_caller_identity.me.account_id}"
  force_destroy = local.two
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
resource "aws_s3_bucket_ownership_controls" "b" {
  bucket = aws_s3_bucket.b.id
  rule { object_ownership = "BucketOwnerEnforced" }
}
resource "aws_s3_bucket_lifecycle_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    id     = "expire"
    status = "Enabled"
    filter { prefix = "quarantine/" }
    expiration { days = local.two ? 60 : 90 }
    noncurrent_version_expiration { noncurrent_days = 7 }
    abort_incomplete_multipart_upload { days_after_initiation = 1 }
  }
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
resource "aws_iam_role" "s" {
  name_prefix        = "s-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "scheduler.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "s" {
  name   = "invoke"
  role   = aws_iam_role.s.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "lambda:InvokeFunction", Resource = aws_lambda_alias.live.arn }] })
}
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
resource "aws_appautoscaling_target" "t" {
  min_capacity       = 5
  max_capacity       = local.two ? 200 : 100
  resource_id        = "table/${aws_dynamodb_table.p.name}"
  scalable_dimension = "dynamodb:table:WriteCapacityUnits"
  service_namespace  = "dynamodb"
}
resource "aws_appautoscaling_policy" "t" {
  name               = "t"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.t.resource_id
  scalable_dimension = aws_appautoscaling_target.t.scalable_dimension
  service_namespace  = aws_appautoscaling_target.t.service_namespace
  target_tracking_scaling_policy_configuration {
    predefined_metric_specification { predefined_metric_type = "DynamoDBWriteCapacityUtilization" }
    target_value = 70
  }
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
output "api" { value = aws_apigatewayv2_api.a.api_endpoint }
output "invoke" { value = aws_apigatewayv2_stage.s.invoke_url }
output "version" { value = aws_lambda_function.f.version }
resource "aws_scheduler_schedule_group" "g" { name = "g" }
output "mapping" { value = aws_lambda_event_source_mapping.m.uuid }
output "queue" { value = aws_sqs_queue.q.url }
output "arn" { value = aws_lambda_alias.live.arn }
