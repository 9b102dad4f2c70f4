# Beside every example: a provider, and a function with an alias that mappings may invoke.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111111111111"]
}

resource "aws_lambda_function" "consumer" {
  function_name = "consumer"
  role          = "arn:aws:iam::111111111111:role/consumer"
  handler       = "consumer.handler"
  runtime       = "python3.13"
  filename      = "consumer.zip"
  timeout       = 10
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.consumer.function_name
  function_version = "1"
}

# A value that the apply makes, behind a local: a plan does not say what it refers to.
resource "aws_sqs_queue" "elsewhere" {
  name   = "elsewhere"
  policy = local.tls_only
}

locals {
  hidden = aws_sqs_queue.elsewhere.arn
  tls_only = jsonencode({
    Statement = [
      {
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
