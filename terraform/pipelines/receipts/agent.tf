# A program on the premises that runs a lane from there, where nobody may connect in: what it may do in this account.
# It comes in with a certificate of a CA that the account's administrator registered (IAM Roles Anywhere), and holds no
# key of AWS's for longer than an hour.

locals {
  agent_statements = [module.delivery.pull, module.delivered.send, module.documents.get["results"]]
  agent_policy = {
    Version = "2012-10-17"
    Statement = concat(
      [for s in local.agent_statements : { Effect = "Allow", Action = sort(s.actions), Resource = s.resources }],
      [for s in local.agent_statements : {
        Effect   = "Allow"
        Action   = s.key.actions
        Resource = [s.key.arn]
        Condition = {
          StringEquals = { "kms:ViaService" = "${s.key.service}.${data.aws_region.current.region}.amazonaws.com" }
        }
      } if s.key != null],
      # Who may not list is not told that a document is gone, and S3 judges that by the key that was asked for. A list
      # for it begins with a whole name, so it shows nothing that was not known.
      [{
        Effect    = "Allow"
        Action    = module.documents.list.actions
        Resource  = module.documents.list.resources
        Condition = { StringLike = { "s3:prefix" = "results/*/*.json" } }
      }],
    )
  }
}

resource "aws_iam_role" "agent" {
  count = var.delivery.agent == null ? 0 : 1

  name                 = "${var.name}-agent"
  description          = "What the agent on the premises may do: pull, read documents, tell what became of them."
  permissions_boundary = var.permissions_boundary
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
      Principal = { Service = "rolesanywhere.amazonaws.com" }
      Condition = {
        # of this CA alone, and of its certificates those alone
        ArnEquals    = { "aws:SourceArn" = var.delivery.agent.trust_anchor_arn }
        StringEquals = { "aws:PrincipalTag/x509Subject/CN" = sort(tolist(var.delivery.agent.common_names)) }
      }
    }]
  })
  tags = local.tags
}

resource "aws_iam_role_policy" "agent" {
  count = var.delivery.agent == null ? 0 : 1

  name   = "calls"
  role   = aws_iam_role.agent[0].name
  policy = jsonencode(local.agent_policy)
}

resource "aws_rolesanywhere_profile" "agent" {
  count = var.delivery.agent == null ? 0 : 1

  name             = "${var.name}-agent"
  role_arns        = [aws_iam_role.agent[0].arn]
  duration_seconds = 3600
  enabled          = true
  tags             = local.tags
}
