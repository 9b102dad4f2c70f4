# Two ceilings. A boundary grants nothing: what a role may do is its own policy and this together.

locals {
  protected_buckets = concat([module.state.arn, module.artifacts.arn], module.trail[*].arn)
  # Services of which the apply role never has more than calls.tf lists: rights, machines, secrets' values.
  only_listed       = ["iam", "ec2", "secretsmanager"]
  protected_objects = [for arn in local.protected_buckets : "${arn}/*"]

  # The most that a role made by a pipeline can ever do, whatever its policy says: use what the pipelines made.
  pipeline_ceiling = {
    Messages = {
      actions = [
        "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
      ]
      on = ["${local.own.sqs}:${local.prefix}"]
    }
    Rows = {
      actions = [
        "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem",
        "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem", "dynamodb:PartiQLSelect", "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete", "dynamodb:DescribeStream",
        "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
      ]
      on = ["${local.own.dynamodb}:table/${local.prefix}"]
    }
    # votes' rank reads all tallies, in which nobody is named; no other table is anybody's to read whole
    Tallies = { actions = ["dynamodb:Scan"], on = ["${local.own.dynamodb}:table/${local.prefix}-tallies"] }
    Objects = { actions = ["s3:GetObject", "s3:PutObject"], on = ["${local.aws}:s3:::${local.prefix}/*"] }
    # who may not list is told of an object that is not there that it is forbidden
    Lists = { actions = ["s3:ListBucket"], on = ["${local.aws}:s3:::${local.prefix}"] }
    Lines = {
      actions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:FilterLogEvents"]
      on      = ["${local.own.logs}:log-group:/aws/lambda/${local.prefix}"]
    }
    Functions = { actions = ["lambda:InvokeFunction"], on = ["${local.own.lambda}:function:${local.prefix}"] }
    Mappings  = { actions = ["lambda:GetEventSourceMapping"], on = ["${local.own.lambda}:event-source-mapping:*"] }
    # a function may pause what it, or another of the pipelines', takes from; a mapping has no name
    OwnMappings = {
      actions = ["lambda:UpdateEventSourceMapping"]
      on      = ["*"]
      when    = { StringLike = { "lambda:FunctionArn" = "${local.own.lambda}:function:${local.prefix}" } }
    }
    Secrets = {
      # a token that a function refreshed is put back
      actions = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
      on      = ["${local.aws}:secretsmanager:${local.region}:${local.account}:secret:${local.prefix}"]
    }
    # what a function plans for later, run by a role that modules/schedule made
    Schedules = {
      actions = [
        "scheduler:GetSchedule", "scheduler:CreateSchedule", "scheduler:UpdateSchedule",
        "scheduler:DeleteSchedule",
      ]
      on = ["${local.own.scheduler}:schedule/default/${local.prefix}"]
    }
    ScheduleRoles = {
      actions = ["iam:PassRole"]
      on      = ["${local.own_role}-schedule"]
      when    = { StringEquals = { "iam:PassedToService" = "scheduler.amazonaws.com" } }
    }
    # AWS knows no resource for these: text read from an image, traces, and the network interfaces
    # that Lambda makes with the role of a function in a VPC, whose own code is refused them
    Anywhere = {
      actions = [
        "textract:AnalyzeExpense", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
        "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
      ]
      on = ["*"]
    }
  }
}

resource "aws_iam_policy" "pipeline_boundary" {
  # checkov:skip=CKV_SLUICE_14: A boundary grants nothing; a key's service and the role's policy narrow the rest.
  name = local.policies.pipeline
  tags = var.tags
  description = join(" ", [
    "The most that a role made by a pipeline can do: use what pipelines made, never the state, the",
    "artifacts or IAM.",
  ])
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        for sid, ceiling in local.pipeline_ceiling :
        merge(
          { Sid = sid, Effect = "Allow", Action = ceiling.actions, Resource = ceiling.on },
          { for key, condition in { Condition = try(ceiling.when, null) } : key => condition if condition != null },
        )
      ],
      [
        {
          Sid      = "Keys"
          Effect   = "Allow"
          Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource = ["${local.aws}:kms:${local.region}:${local.account}:key/*"]
          Condition = {
            StringEquals = {
              "kms:ViaService" = [for service in ["sqs", "dynamodb", "s3"] : "${service}.${local.region}.amazonaws.com"]
            }
          }
        },
        {
          Sid      = "NotTheAccountsOwn"
          Effect   = "Deny"
          Action   = ["s3:*"]
          Resource = concat(local.protected_buckets, local.protected_objects)
        },
      ],
    )
  })
}

resource "aws_iam_policy" "apply_boundary" {
  # checkov:skip=CKV_SLUICE_14: A boundary grants nothing; its services are those of calls.tf, which gives each reason.
  name        = local.policies.apply
  tags        = var.tags
  description = "Keeps the apply role from widening itself, whatever policy it is given."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid    = "Services"
        Effect = "Allow"
        Action = [
          for service in distinct([
            for action in flatten([for group in values(local.calls) : concat(group.reads, group.applies)]) :
            split(":", action)[0]
          ]) :
          "${service}:*"
          if !contains(local.only_listed, service)
        ]
        Resource = ["*"]
      }],
      [
        for statement in concat(values(local.statements.reads), values(local.statements.applies)) :
        statement
        if contains(local.only_listed, split(":", statement.Action[0])[0])
      ],
      [
        {
          Sid       = "NeverItsOwnRights"
          Effect    = "Deny"
          NotAction = ["iam:Get*", "iam:List*"]
          Resource  = concat(values(local.role_arns), values(local.policy_arns), [local.provider])
        },
        {
          Sid       = "NeverTheBucketsSettings"
          Effect    = "Deny"
          NotAction = ["s3:Get*", "s3:List*"]
          Resource  = local.protected_buckets
        },
        {
          Sid    = "NeverHistory"
          Effect = "Deny"
          Action = [
            "s3:DeleteObjectVersion", "s3:PutObjectRetention", "s3:PutObjectLegalHold",
            "s3:BypassGovernanceRetention",
          ]
          Resource = local.protected_objects
        },
        {
          Sid      = "NeverAnArtifactLess"
          Effect   = "Deny"
          Action   = ["s3:DeleteObject*"]
          Resource = ["${module.artifacts.arn}/*"]
        },
      ],
      [
        for arn in module.trail[*].arn :
        { Sid = "NeverTheTrail", Effect = "Deny", Action = ["s3:*"], Resource = ["${arn}/*"] }
      ],
    )
  })
}
