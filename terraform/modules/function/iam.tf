locals {
  log_statement = {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/${var.name}:*"]
    key       = null
  }

  statements = concat(
    [local.log_statement],
    [for c in values(var.consumes) : merge(c.queue.consume, {
      actions = [for a in c.queue.consume.actions : a if c.backs_off || a != "sqs:ChangeMessageVisibility"]
    })],
    try([var.asynchronous.on_failure.send], []),
    var.allows,
  )

  # Lambda makes and removes the network interfaces with the function's role. AWS knows no resource
  # for all of these; the function's own code is refused them.
  vpc_actions = [
    "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
  ]
  vpc_statements = [for s in [
    { Effect = "Allow", Action = local.vpc_actions, Resource = ["*"] },
    {
      Effect    = "Deny"
      Action    = local.vpc_actions
      Resource  = ["*"]
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = [local.arn] } }
    },
  ] : s if var.vpc != null]
  tracing_statements = [for s in [
    { Effect = "Allow", Action = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], Resource = ["*"] },
  ] : s if var.logs.traces]

  # One statement for each resource, and one for each key and the service that uses it.
  by_resource = { for s in local.statements : join(" ", s.resources) => s... }
  by_key      = { for s in local.statements : "${s.key.arn} ${s.key.service}" => s.key... if s.key != null }

  policy = {
    Version = "2012-10-17"
    Statement = concat(
      [for same in values(local.by_resource) : {
        Effect   = "Allow"
        Action   = sort(distinct(flatten(same[*].actions)))
        Resource = same[0].resources
      }],
      [for same in values(local.by_key) : {
        Effect    = "Allow"
        Action    = sort(distinct(flatten(same[*].actions)))
        Resource  = [same[0].arn]
        Condition = { StringEquals = { "kms:ViaService" = "${same[0].service}.${local.region}.amazonaws.com" } }
      }],
      local.vpc_statements,
      local.tracing_statements,
    )
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "What ${var.name} may do."
  permissions_boundary = var.permissions_boundary
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  name   = "calls"
  role   = aws_iam_role.this.name
  policy = jsonencode(local.policy)
}
