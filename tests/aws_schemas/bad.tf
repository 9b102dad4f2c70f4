# One value of each kind that AWS refuses and that the stand-in provider plans; each resource is
# named after the kind. `good` says the same without the fault.

variable "good" {
  type    = bool
  default = false
}

provider "aws" {
  region = "us-east-1"
}

locals {
  queue  = "arn:aws:sqs:us-east-1:111111111111:q"
  url    = "https://sqs.us-east-1.amazonaws.com/111111111111/q"
  lambda = "arn:aws:lambda:us-east-1:111111111111:function:f"
  role   = "arn:aws:iam::111111111111:role/r"
}

resource "aws_scheduler_schedule" "pattern" {
  name                = var.good ? "nightly" : "every night"
  schedule_expression = "rate(1 day)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = local.lambda
    role_arn = local.role
  }
}

resource "aws_sqs_queue" "range" {
  name                      = "q"
  message_retention_seconds = var.good ? 60 : 59
}

resource "aws_cloudwatch_log_group" "enum" {
  name              = "/aws/lambda/f"
  retention_in_days = var.good ? 30 : 31
}

resource "aws_iam_role" "length" {
  name               = var.good ? "r" : format("%065d", 1)
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_lambda_function" "required" {
  function_name = "f"
  role          = local.role
  handler       = "f.handler"
  runtime       = "python3.13"
  s3_bucket     = var.good ? "artifacts" : null
  s3_key        = var.good ? "f.zip" : null
}

resource "aws_sqs_queue_redrive_policy" "type" {
  queue_url = local.url
  redrive_policy = jsonencode({
    deadLetterTargetArn = local.queue
    maxReceiveCount     = jsondecode(var.good ? "5" : "\"five\"")
  })
}

resource "aws_sqs_queue_redrive_policy" "additional" {
  queue_url = local.url
  redrive_policy = jsonencode({
    deadLetterTargetArn                            = local.queue
    (var.good ? "maxReceiveCount" : "maxReceives") = 5
  })
}

resource "aws_dynamodb_table" "between_fields" {
  name           = "tallies"
  billing_mode   = "PROVISIONED"
  read_capacity  = var.good ? 1 : 0
  write_capacity = 1
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_lambda_event_source_mapping" "documented" {
  event_source_arn                   = "${local.queue}.fifo"
  function_name                      = local.lambda
  batch_size                         = 10
  maximum_batching_window_in_seconds = var.good ? 0 : 1
}

resource "aws_lambda_function" "inside_a_map" {
  function_name = "f"
  role          = local.role
  handler       = "f.handler"
  runtime       = "python3.13"
  s3_bucket     = "artifacts"
  s3_key        = "f.zip"
  environment {
    variables = { (var.good ? "MODE" : "AWS_REGION") = "x" }
  }
}

resource "aws_iam_role_policy" "action" {
  role = "r"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = [var.good ? "sqs:SendMessage" : "sqs:SendMessages"]
      Resource = [local.queue]
    }]
  })
}

resource "aws_iam_role_policy" "condition_key" {
  role = "r"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["iam:CreateRole", var.good ? "iam:PutRolePolicy" : "iam:ListRoles"]
      Resource  = ["*"]
      Condition = { StringEquals = { "iam:PermissionsBoundary" = local.role } }
    }]
  })
}

resource "aws_sqs_queue_policy" "element" {
  queue_url = local.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect                                  = "Deny", Action = "sqs:*", Resource = local.queue, Principal = "*"
      (var.good ? "Condition" : "Conditions") = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
