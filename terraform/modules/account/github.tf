# GitHub's tokens instead of stored credentials. AWS checks GitHub's certificate against its own authorities, so no thumbprint is given.

locals {
  issuer   = "token.actions.githubusercontent.com"
  provider = var.github.provider_arn != null ? var.github.provider_arn : "${local.aws}:iam::${local.account}:oidc-provider/${local.issuer}"

  # StringEquals, never StringLike: a subject is trusted word for word.
  trusts = { for role, subjects in { plan = var.github.plan_subjects, apply = [var.github.apply_subject] } : role => {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider }
      Condition = { StringEquals = { "${local.issuer}:aud" = var.github.audience, "${local.issuer}:sub" = sort(subjects) } }
    }]
  } }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github.provider_arn == null ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = [var.github.audience]
}
