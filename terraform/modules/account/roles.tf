# The plan role reads settings, never data; the apply role changes what a pipeline is made of. Neither can change itself.

locals {
  # Both find a state by its name, hold its lock, and leave the account's own state to the administrator.
  state_statements = [
    { Sid = "StateList", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [module.state.arn] },
    { Sid = "StateLock", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource = ["${module.state.arn}/*.tflock"] },
    { Sid = "AccountsOwn", Effect = "Deny", Action = ["s3:PutObject", "s3:DeleteObject"], Resource = ["${module.state.arn}/account/*"] },
  ]

  # Never over another: what was reviewed stays what it was. The key is there only in a request that says If-None-Match.
  artifact_statements = [
    # Without it S3 answers AccessDenied for what is not there, and nobody could tell a plan that is missing from one that is withheld.
    { Sid = "ArtifactList", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [module.artifacts.arn] },
    { Sid = "ArtifactGet", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${module.artifacts.arn}/packages/*", "${module.artifacts.arn}/plans/*"] },
    {
      Sid       = "ArtifactPutIfAbsent"
      Effect    = "Allow"
      Action    = ["s3:PutObject"]
      Resource  = ["${module.artifacts.arn}/packages/*", "${module.artifacts.arn}/plans/*"]
      Condition = { Null = { "s3:if-none-match" = "false" } }
    },
  ]
}

resource "aws_iam_policy" "reads" {
  # checkov:skip=CKV_SLUICE_14: calls.tf gives the reason of each group that AWS knows no resource for; every one of them only reads settings.
  name        = local.policies.reads
  description = "What a plan reads: settings, never data."
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = values(local.statements.reads)
  })
}

resource "aws_iam_role" "plan" {
  name               = local.roles.plan
  description        = "Plans from a pull request, and looks for drift: reads settings, never data."
  assume_role_policy = jsonencode(local.trusts.plan)
}

resource "aws_iam_role_policy_attachment" "reads" {
  for_each = { plan = aws_iam_role.plan.name, apply = aws_iam_role.apply.name }

  role       = each.value
  policy_arn = local.policy_arns.reads

  depends_on = [aws_iam_policy.reads]
}

resource "aws_iam_role_policy" "plan_objects" {
  name = "state-and-artifacts"
  role = aws_iam_role.plan.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Sid = "StateRead", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${module.state.arn}/*.tfstate"] }],
      local.state_statements,
      local.artifact_statements,
    )
  })
}

resource "aws_iam_role" "apply" {
  name                 = local.roles.apply
  description          = "Applies what was reviewed, after GitHub's environment has approved it."
  assume_role_policy   = jsonencode(local.trusts.apply)
  permissions_boundary = local.policy_arns.apply # by its name, so that a plan shows it

  depends_on = [aws_iam_policy.apply_boundary]
}

resource "aws_iam_role_policy" "apply" {
  # checkov:skip=CKV_SLUICE_14: calls.tf gives the reason of each group that no name narrows, and the boundary holds whatever it says.
  name = "applies"
  role = aws_iam_role.apply.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = values(local.statements.applies)
  })
}

resource "aws_iam_role_policy" "apply_objects" {
  name = "state-and-artifacts"
  role = aws_iam_role.apply.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Sid = "State", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${module.state.arn}/*.tfstate"] }],
      local.state_statements,
      local.artifact_statements,
    )
  })
}
