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
          consume = {
            actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
            resources = ["arn:aws:sqs:us-east-1:000000000000:orders"]
          }
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
    condition = (
      aws_lambda_function.this.runtime == "python3.13" &&
      aws_lambda_function.this.architectures == tolist(["arm64"])
    )
    error_message = "The default platform is python3.13 on arm64."
  }
  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "Reserved concurrency must not be used as a throttle."
  }
  assert {
    condition = (
      aws_lambda_function.this.logging_config[0].log_format == "JSON" &&
      aws_lambda_function.this.logging_config[0].log_group == aws_cloudwatch_log_group.this.name
    )
    error_message = "The function logs JSON to the group that Terraform made."
  }
  assert {
    condition = (
      aws_lambda_event_source_mapping.this["orders"].function_response_types
      == toset(["ReportBatchItemFailures"])
    )
    error_message = "Partial batch responses are always on."
  }
  assert {
    condition = (
      aws_lambda_event_source_mapping.this["orders"].batch_size == 1000 &&
      aws_lambda_event_source_mapping.this["orders"].maximum_batching_window_in_seconds == 2 &&
      aws_lambda_event_source_mapping.this["orders"].scaling_config[0].maximum_concurrency == 7
    )
    error_message = join(" ", [
      "Batch, window and concurrency are the mapping's; the window is the one that the queue was",
      "made for.",
    ])
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem"]
        Effect   = "Allow"
        Resource = ["arn:aws:dynamodb:us-east-1:000000000000:table/orders"]
      },
      {
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Effect   = "Allow"
        Resource = ["arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/orders-read:*"]
      },
      {
        Action   = ["sqs:DeleteMessage", "sqs:ReceiveMessage"]
        Effect   = "Allow"
        Resource = ["arn:aws:sqs:us-east-1:000000000000:orders"]
      },
    ]
    error_message = join(" ", [
      "The policy is what was allowed, one statement a resource, and writing to the function's own",
      "log group.",
    ])
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
      key = {
        arn     = "arn:aws:kms:us-east-1:000000000000:key/1234"
        actions = ["kms:GenerateDataKey", "kms:Decrypt"]
        service = "sqs"
      }
    }]
    permissions_boundary = "arn:aws:iam::000000000000:policy/bounds"
  }

  assert {
    condition = (
      contains(
        jsondecode(aws_iam_role_policy.this.policy).Statement[*].Action,
        ["kms:Decrypt", "kms:GenerateDataKey"],
      ) &&
      contains([
        for s in jsondecode(aws_iam_role_policy.this.policy).Statement :
        try(s.Condition.StringEquals["kms:ViaService"], "")
      ], "sqs.us-east-1.amazonaws.com")
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
    package = {
      bucket         = "releases"
      key            = "v1/orders.zip"
      object_version = "abc"
      hash           = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    }
  }

  assert {
    condition = (
      aws_lambda_function.this.filename == null &&
      aws_lambda_function.this.s3_key == "v1/orders.zip" &&
      aws_lambda_function.this.s3_object_version == "abc"
    )
    error_message = "The zip comes from the bucket."
  }
}

run "an_event_nobody_waits_for_is_tried_again_as_said" {
  command = plan

  variables {
    asynchronous = {
      retries     = 1
      age_seconds = 600
      on_failure = {
        arn = "arn:aws:sqs:us-east-1:000000000000:failed"
        send = {
          actions   = ["sqs:SendMessage"]
          resources = ["arn:aws:sqs:us-east-1:000000000000:failed"]
        }
      }
    }
  }

  assert {
    condition = (
      aws_lambda_function_event_invoke_config.this[0].qualifier == "live" &&
      aws_lambda_function_event_invoke_config.this[0].maximum_retry_attempts == 1 &&
      aws_lambda_function_event_invoke_config.this[0].maximum_event_age_in_seconds == 600 &&
      aws_lambda_function_event_invoke_config.this[0].destination_config[0].on_failure[0].destination
      == "arn:aws:sqs:us-east-1:000000000000:failed"
    )
    error_message = "The alias says how often, how long, and where an event goes that failed."
  }
  assert {
    condition     = contains(jsondecode(aws_iam_role_policy.this.policy).Statement[*].Action, ["sqs:SendMessage"])
    error_message = "Lambda sends a failed event with the function's role."
  }
}

run "what_nothing_invokes_so_says_nothing" {
  command = plan

  assert {
    condition = (
      length(aws_lambda_function_event_invoke_config.this) == 0 &&
      length(aws_lambda_function_recursion_config.this) == 0 && output.asynchronous == null
    )
    error_message = "No setting is made that nothing needs."
  }
}

run "in_a_vpc_traced_with_layers_and_a_loop_that_is_meant" {
  command = plan

  variables {
    sizing    = { storage_mb = 2048 }
    vpc       = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    runtime   = { layers = ["arn:aws:lambda:us-east-1:000000000000:layer:fonts:3"] }
    logs      = { traces = true }
    recursion = "allow"
  }

  assert {
    condition = (
      aws_lambda_function.this.vpc_config[0].subnet_ids == toset(["subnet-1", "subnet-2"]) &&
      aws_lambda_function.this.ephemeral_storage[0].size == 2048 &&
      aws_lambda_function.this.tracing_config[0].mode == "Active" &&
      length(aws_lambda_function.this.layers) == 1 &&
      aws_lambda_function_recursion_config.this[0].recursive_loop == "Allow"
    )
    error_message = "Each input reaches the function."
  }
  assert {
    condition = [
      for s in jsondecode(aws_iam_role_policy.this.policy).Statement :
      "${s.Effect} ${try(s.Condition.ArnEquals["lambda:SourceFunctionArn"][0], "-")}"
      if contains(s.Action, "ec2:CreateNetworkInterface")
      ] == [
      "Allow -",
      "Deny arn:aws:lambda:us-east-1:000000000000:function:orders-read",
    ]
    error_message = "Lambda makes the network interfaces with the role; the function's code may not."
  }
}

run "pollers_of_its_own_instead_of_a_maximum_concurrency" {
  command = plan

  variables {
    consumes = {
      orders = {
        queue = {
          arn      = "arn:aws:sqs:us-east-1:000000000000:orders"
          fifo     = false
          consumer = { timeout_seconds = 20, window_seconds = 2 }
          consume  = { actions = ["sqs:ReceiveMessage"], resources = ["arn:aws:sqs:us-east-1:000000000000:orders"] }
        }
        pollers = { least = 3 }
      }
    }
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.this["orders"].provisioned_poller_config[0].minimum_pollers == 3 &&
      aws_lambda_event_source_mapping.this["orders"].provisioned_poller_config[0].maximum_pollers == 10 &&
      length(aws_lambda_event_source_mapping.this["orders"].scaling_config) == 0
    )
    error_message = "A mapping has pollers of its own, or a maximum concurrency, never both."
  }
}
