# The plan role reads settings, never data, and says once for a tree what it planned; the apply role
# changes what a pipeline is made of. Neither can change itself.

locals {
  # Of what an apply may, what stands in a policy beside the role's own.
  beside = concat(keys(local.calls_behind), keys(local.calls_entrance), keys(local.calls_website))

  # Both find a state and what was reviewed by name. Without the lists S3 answers AccessDenied for
  # what is not there, and nobody could tell what is missing from what is withheld.
  object_statements = [
    {
      Sid      = "Find"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [module.state.arn, module.artifacts.arn]
    },
    {
      Sid      = "Read"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${module.state.arn}/*.tfstate", "${module.artifacts.arn}/reviews/*"]
    },
    {
      Sid      = "ReadThePage" # everybody may
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:GetObjectTagging"]
      Resource = ["${local.page}/*"]
    },
  ]
  # Never over another: the key is there only in a request that says If-None-Match.
  if_absent = { Null = { "s3:if-none-match" = "false" } }
}

resource "aws_iam_policy" "reads" {
  # checkov:skip=CKV_SLUICE_14: calls.tf gives the reason of each group without a resource; each only reads settings.
  name        = local.policies.reads
  tags        = var.tags
  description = "What a plan reads: settings, never data."
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = values(local.statements.reads)
  })
}

resource "aws_iam_role" "plan" {
  name               = local.roles.plan
  tags               = var.tags
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
  name = "state-and-reviews"
  role = aws_iam_role.plan.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.object_statements, [
      {
        Sid       = "SayOnceWhatWasPlanned"
        Effect    = "Allow"
        Action    = ["s3:PutObject"]
        Resource  = ["${module.artifacts.arn}/reviews/*"]
        Condition = local.if_absent
      },
    ])
  })
}

resource "aws_iam_role" "apply" {
  name                 = local.roles.apply
  tags                 = var.tags
  description          = "Applies what was reviewed, after GitHub's environment has approved it."
  assume_role_policy   = jsonencode(local.trusts.apply)
  permissions_boundary = local.policy_arns.apply # by its name, so that a plan shows it

  depends_on = [aws_iam_policy.apply_boundary]
}

resource "aws_iam_role_policy" "apply" {
  # checkov:skip=CKV_SLUICE_14: calls.tf gives the reason of each group that no name narrows; the boundary holds anyway.
  name = "applies"
  role = aws_iam_role.apply.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for name, statement in local.statements.applies : statement if !contains(local.beside, name)
    ]
  })
}

# Beside them, for IAM takes 10,240 characters of a role's own policies: networks, ways and secrets.
resource "aws_iam_policy" "applies_behind" {
  # checkov:skip=CKV_SLUICE_14: As above: calls_behind.tf gives each reason, and the boundary holds anyway.
  name        = local.policies.behind
  tags        = var.tags
  description = "What an apply changes of what lies behind functions: networks, the ways out of them, secrets."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for name, statement in local.statements.applies : statement if contains(local.beside, name)
    ]
  })
}

resource "aws_iam_role_policy_attachment" "applies_behind" {
  role       = aws_iam_role.apply.name
  policy_arn = local.policy_arns.behind

  depends_on = [aws_iam_policy.applies_behind]
}

resource "aws_iam_role_policy" "apply_objects" {
  name = "state-and-artifacts"
  role = aws_iam_role.apply.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.object_statements, [
      {
        Sid      = "State"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${module.state.arn}/*.tfstate"]
      },
      {
        Sid      = "StateLock"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
        Resource = ["${module.state.arn}/*.tflock"]
      },
      # the account's own state is its administrator's
      {
        Sid      = "AccountsOwn"
        Effect   = "Deny"
        Action   = ["s3:PutObject", "s3:DeleteObject"]
        Resource = ["${module.state.arn}/account/*"]
      },
      {
        Sid      = "Zips"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = ["${module.artifacts.arn}/packages/*"]
      },
      {
        Sid       = "ZipsPutIfAbsent"
        Effect    = "Allow"
        Action    = ["s3:PutObject"]
        Resource  = ["${module.artifacts.arn}/packages/*"]
        Condition = local.if_absent
      },
    ])
  })
}
