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

output "api" { value = aws_apigatewayv2_api.a.api_endpoint }

output "invoke" { value = aws_apigatewayv2_stage.s.invoke_url }

output "version" { value = aws_lambda_function.f.version }

output "mapping" { value = aws_lambda_event_source_mapping.m.uuid }

output "queue" { value = aws_sqs_queue.q.url }

output "arn" { value = aws_lambda_alias.live.arn }
