locals {
  # function → the queue it consumes, and where it may send
  loops = {
    passing           = { queue = "first", sends = ["second"] }
    passing_allowed   = { queue = "again", sends = ["again"] }
    failing_own       = { queue = "own", sends = ["own"] }
    failing_one       = { queue = "there", sends = ["back"] }
    failing_other     = { queue = "back", sends = ["there"] }
    failing_pattern   = { queue = "parts-1", sends = ["parts-*"] }
    passing_end       = { queue = "second", sends = [] }
    passing_elsewhere = { queue = "parts-2", sends = ["second"] }
  }
}

resource "aws_iam_role" "this" {
  for_each           = local.loops
  name               = each.key
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "this" {
  for_each = local.loops
  role     = aws_iam_role.this[each.key].name
  policy = jsonencode({
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
        Resource = "arn:aws:sqs:us-east-1:111111111111:${each.value.queue}"
      },
      {
        Effect   = "Allow"
        Action   = each.key == "failing_own" ? "SQS:Send*" : "sqs:SendMessage"
        Resource = [for name in each.value.sends : "arn:aws:sqs:us-east-1:111111111111:${name}"]
      },
    ]
  })
}

resource "aws_lambda_function" "this" {
  for_each      = local.loops
  function_name = each.key
  role          = aws_iam_role.this[each.key].arn
  handler       = "consumer.handler"
  runtime       = "python3.13"
  filename      = "consumer.zip"
}

# Half of the queues are of this plan, half of another.
resource "aws_sqs_queue" "this" {
  for_each = toset(["first", "second", "own", "again", "there"])
  name     = each.key
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each         = local.loops
  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:${each.value.queue}"
  function_name    = aws_lambda_function.this[each.key].arn
}

resource "aws_lambda_function_recursion_config" "this" {
  for_each       = { passing_allowed = "Allow", failing_own = "Terminate" }
  function_name  = aws_lambda_function.this[each.key].function_name
  recursive_loop = each.value
}

# By a policy that is attached, and queues whose ARNs the apply makes.
resource "aws_iam_role" "attached" {
  name               = "attached"
  assume_role_policy = "{}"
}

resource "aws_iam_policy" "attached" {
  name = "attached"
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:111111111111:mine" },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "attached" {
  role       = aws_iam_role.attached.name
  policy_arn = aws_iam_policy.attached.arn
}

resource "aws_sqs_queue" "mine" {
  name = "mine"
}

resource "aws_lambda_function" "failing_attached" {
  function_name = "attached"
  role          = aws_iam_role.attached.arn
  handler       = "consumer.handler"
  runtime       = "python3.13"
  filename      = "consumer.zip"
}

resource "aws_lambda_event_source_mapping" "attached" {
  event_source_arn = aws_sqs_queue.mine.arn
  function_name    = aws_lambda_function.failing_attached.arn
}

# What it may do names an ARN that the apply makes.
resource "aws_iam_role" "hidden" {
  name               = "hidden"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "hidden" {
  role   = aws_iam_role.hidden.name
  policy = replace(local.tls_only, "\"*\"", local.hidden)
}

resource "aws_lambda_function" "unknown" {
  function_name = "hidden"
  role          = aws_iam_role.hidden.arn
  handler       = "consumer.handler"
  runtime       = "python3.13"
  filename      = "consumer.zip"
}

resource "aws_lambda_event_source_mapping" "hidden" {
  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:hidden"
  function_name    = aws_lambda_function.unknown.arn
}
