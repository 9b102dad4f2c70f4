# Planned with the attached provider: versions, mappings and the exact policy.

provider "aws" {
  region = "us-east-1"
}

variables {
  name    = "orders-read"
  package = { path = "orders.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  handler = "orders.read.handler"
}

run "a_function_that_consumes" {
  command = plan

  variables {
    sizing = { timeout_seconds = 20 }
    consumes = {
      orders = {
        queue = {
          arn      = "arn:aws:sqs:us-east-1:000000000000:orders"
          fifo     = false
          consumer = { timeout_seconds = 20, window_seconds = 2 }
          consume  = { actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage"], resources = ["arn:aws:sqs:us-east-1:000000000000:orders"] }
        }
        batch_size          = 1000
        maximum_concurrency = 7
      }
    }
    allows = [
      { actions = ["dynamodb:PutItem"], resources = ["arn:aws:dynamodb:us-east-1:000000000000:table/orders"] },
      { actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:us-east-1:000000000000:table/orders"] },
    ]
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.name == "live"
    error_message = "Each apply publishes a version, and the alias live points at it."
  }
  assert {
    condition     = aws_lambda_function.this.runtime == "python3.13" && aws_lambda_function.this.architectures == tolist(["arm64"])
    error_message = "The default platform is python3.13 on arm64."
  }
  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "Reserved concurrency must not be used as a throttle."
  }
  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_format == "JSON" && aws_lambda_function.this.logging_config[0].log_group == aws_cloudwatch_log_group.this.name
    error_message = "The function logs JSON to the group that Terraform made."
  }
  assert {
    condition     = aws_lambda_event_source_mapping.this["orders"].function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "Partial batch responses are always on."
  }
  assert {
    condition = (
      aws_lambda_event_source_mapping.this["orders"].batch_size == 1000 &&
      aws_lambda_event_source_mapping.this["orders"].maximum_batching_window_in_seconds == 2 &&
      aws_lambda_event_source_mapping.this["orders"].scaling_config[0].maximum_concurrency == 7
    )
    error_message = "Batch, window and concurrency are the mapping's; the window is the one that the queue was made for."
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      { Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Effect = "Allow", Resource = ["arn:aws:dynamodb:us-east-1:000000000000:table/orders"] },
      { Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Effect = "Allow", Resource = ["arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/orders-read:*"] },
      { Action = ["sqs:DeleteMessage", "sqs:ReceiveMessage"], Effect = "Allow", Resource = ["arn:aws:sqs:us-east-1:000000000000:orders"] },
    ]
    error_message = "The policy is what was allowed, one statement a resource, and writing to the function's own log group."
  }
  assert {
    condition = (
      output.read_logs.resources == ["arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/orders-read:*"] &&
      output.read_logs.actions == ["logs:FilterLogEvents"] && join(" ", keys(output.read_mapping)) == "orders"
    )
    error_message = "Who looks after the function may read its log, and see each of its mappings."
  }
}

run "a_key_is_used_through_its_service_only" {
  command = plan

  variables {
    allows = [{
      actions   = ["sqs:SendMessage"]
      resources = ["arn:aws:sqs:us-east-1:000000000000:orders"]
      key       = { arn = "arn:aws:kms:us-east-1:000000000000:key/1234", actions = ["kms:GenerateDataKey", "kms:Decrypt"], service = "sqs" }
    }]
    permissions_boundary = "arn:aws:iam::000000000000:policy/bounds"
  }

  assert {
    condition = contains(jsondecode(aws_iam_role_policy.this.policy).Statement[*].Action, ["kms:Decrypt", "kms:GenerateDataKey"]) && contains(
      [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : try(s.Condition.StringEquals["kms:ViaService"], "")], "sqs.us-east-1.amazonaws.com"
    )
    error_message = "A statement's key becomes a statement of its own, bound to the service."
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::000000000000:policy/bounds"
    error_message = "The role is bounded."
  }
}

run "a_package_from_a_bucket" {
  command = plan

  variables {
    package = { bucket = "releases", key = "v1/orders.zip", object_version = "abc", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  }

  assert {
    condition     = aws_lambda_function.this.filename == null && aws_lambda_function.this.s3_key == "v1/orders.zip" && aws_lambda_function.this.s3_object_version == "abc"
    error_message = "The zip comes from the bucket."
  }
}
