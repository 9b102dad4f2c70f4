# Two ceilings. A boundary grants nothing: what a role may do is its own policy and this together.

locals {
  protected_buckets = [module.state.arn, module.artifacts.arn]
  protected_objects = [for arn in local.protected_buckets : "${arn}/*"]

  # The most that a role made by a pipeline can ever do, whatever its policy says: use what the pipelines made.
  pipeline_ceiling = {
    Messages = { actions = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"], on = ["${local.own.sqs}:${local.prefix}"] }
    Rows = {
      actions = [
        "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem", "dynamodb:PartiQLSelect", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete",
      ]
      on = ["${local.own.dynamodb}:table/${local.prefix}"]
    }
    Objects   = { actions = ["s3:GetObject", "s3:PutObject"], on = ["${local.aws}:s3:::${local.prefix}/*"] }
    Lines     = { actions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:FilterLogEvents"], on = ["${local.own.logs}:log-group:/aws/lambda/${local.prefix}"] }
    Functions = { actions = ["lambda:InvokeFunction"], on = ["${local.own.lambda}:function:${local.prefix}"] }
    Mappings  = { actions = ["lambda:GetEventSourceMapping"], on = ["${local.own.lambda}:event-source-mapping:*"] }
  }
}

resource "aws_iam_policy" "pipeline_boundary" {
  # checkov:skip=CKV_SLUICE_14: A boundary grants nothing; a key and a mapping have no name, so the key's service and the role's policy narrow them.
  name        = local.policies.pipeline
  description = "The most that a role made by a pipeline can do: use what pipelines made, never the state, the artifacts or IAM."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for sid, ceiling in local.pipeline_ceiling : { Sid = sid, Effect = "Allow", Action = ceiling.actions, Resource = ceiling.on }],
      [
        {
          Sid       = "Keys"
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = ["${local.aws}:kms:${local.region}:${local.account}:key/*"]
          Condition = { StringEquals = { "kms:ViaService" = [for service in ["sqs", "dynamodb", "s3"] : "${service}.${local.region}.amazonaws.com"] } }
        },
        { Sid = "NotTheAccountsOwn", Effect = "Deny", Action = ["s3:*"], Resource = concat(local.protected_buckets, local.protected_objects) },
      ],
    )
  })
}

resource "aws_iam_policy" "apply_boundary" {
  # checkov:skip=CKV_SLUICE_14: A boundary grants nothing; its services are those of calls.tf, where each action has its reason.
  name        = local.policies.apply
  description = "Keeps the apply role from widening itself, whatever policy it is given."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "Services"
        Effect   = "Allow"
        Action   = [for service in distinct([for action in flatten([for group in values(local.calls) : concat(group.reads, group.applies)]) : split(":", action)[0]]) : "${service}:*" if service != "iam"]
        Resource = ["*"]
      }],
      [for statement in concat(values(local.statements.reads), values(local.statements.applies)) : statement if startswith(statement.Action[0], "iam:")],
      [
        {
          Sid       = "NeverItsOwnRights"
          Effect    = "Deny"
          NotAction = ["iam:Get*", "iam:List*"]
          Resource  = concat(values(local.role_arns), values(local.policy_arns), [local.provider])
        },
        { Sid = "NeverTheBucketsSettings", Effect = "Deny", NotAction = ["s3:Get*", "s3:List*"], Resource = local.protected_buckets },
        {
          Sid      = "NeverHistory"
          Effect   = "Deny"
          Action   = ["s3:DeleteObjectVersion", "s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:BypassGovernanceRetention"]
          Resource = local.protected_objects
        },
        { Sid = "NeverAnArtifactLess", Effect = "Deny", Action = ["s3:DeleteObject*"], Resource = ["${module.artifacts.arn}/*"] },
      ],
    )
  })
}
