locals {
  # function → what it reads, how, whether it says what it loops, and by what way it goes
  lanes = {
    passing            = { fifo = true, batch = 1, loop = "Allow", vpc = true, variable = "DATABASE_SECRET" }
    passing_terminate  = { fifo = true, batch = 1, loop = "Terminate", vpc = true, variable = "PGHOST" }
    passing_outside    = { fifo = true, batch = 1, loop = "Allow", vpc = false, variable = "DB_URL" }
    passing_none       = { fifo = false, batch = 10, loop = null, vpc = false, variable = "DBAR" }
    failing_standard   = { fifo = false, batch = 1, loop = "Allow", vpc = true, variable = "DATABASE_SECRET" }
    failing_batch      = { fifo = true, batch = null, loop = "Allow", vpc = true, variable = "DATABASE_SECRET" }
    failing_silent     = { fifo = true, batch = 1, loop = null, vpc = true, variable = "ORDERS_DB" }
    failing_no_network = { fifo = true, batch = 1, loop = "Allow", vpc = false, variable = "RDS_HOST" }
  }
}

resource "aws_lambda_function" "this" {
  for_each      = local.lanes
  function_name = each.key
  role          = "arn:aws:iam::111111111111:role/consumer"
  handler       = "consumer.handler"
  runtime       = "python3.13"
  filename      = "consumer.zip"
  tags          = each.key == "passing_outside" ? { database = "outside" } : {}

  # what leads to the database may be known after the apply alone: its name is known before
  environment {
    variables = { (each.value.variable) = each.key == "passing" ? "here" : local.hidden }
  }

  dynamic "vpc_config" {
    for_each = each.value.vpc ? [1] : []
    content {
      subnet_ids         = ["subnet-0123456789abcdef0"]
      security_group_ids = ["sg-0123456789abcdef0"]
    }
  }
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each         = local.lanes
  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:${each.key}${each.value.fifo ? ".fifo" : ""}"
  function_name    = aws_lambda_function.this[each.key].arn
  batch_size       = each.value.batch
}

resource "aws_lambda_function_recursion_config" "this" {
  for_each       = { for name, lane in local.lanes : name => lane.loop if lane.loop != null }
  function_name  = aws_lambda_function.this[each.key].function_name
  recursive_loop = each.value
}

# What it reads is a queue whose ARN the apply makes, behind a local.
resource "aws_lambda_function" "unknown" {
  function_name = "unknown"
  role          = "arn:aws:iam::111111111111:role/consumer"
  handler       = "consumer.handler"
  runtime       = "python3.13"
  filename      = "consumer.zip"

  environment {
    variables = { DATABASE_SECRET = "here" }
  }
}

resource "aws_lambda_event_source_mapping" "unknown" {
  event_source_arn = local.hidden_queue
  function_name    = aws_lambda_function.unknown.arn
  batch_size       = 1
}

resource "aws_sqs_queue" "several" {
  for_each = toset(["a", "b"])
  name     = each.key
}

locals {
  hidden_queue = [for queue in aws_sqs_queue.several : queue.arn][0]
}
