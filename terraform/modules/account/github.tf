# GitHub's tokens instead of stored credentials. AWS checks GitHub's certificate against its own
# authorities, so no thumbprint is given.

locals {
  issuer = "token.actions.githubusercontent.com"
  provider = coalesce(
    var.github.provider_arn,
    "${local.aws}:iam::${local.account}:oidc-provider/${local.issuer}",
  )

  subject   = coalesce(var.github.subject_prefix, "repo:${var.github.repository}")
  workflows = "${var.github.repository}/.github/workflows"
  branch    = "refs/heads/${var.github.branch}"

  # AWS tells these claims as condition keys since January 2026. A subject alone says which
  # environment a job is in, and not what the job runs: that is its workflow, on the branch where
  # only what was reviewed comes.
  of_this_repository = {
    "${local.issuer}:aud"           = var.github.audience
    "${local.issuer}:repository_id" = var.github.repository_id
  }
  of_the_branch = { for role in ["plan", "apply"] : role => {
    StringEquals = merge(local.of_this_repository, {
      "${local.issuer}:sub" = "${local.subject}:environment:${var.github[role].environment}"
      "${local.issuer}:ref" = local.branch
      "${local.issuer}:job_workflow_ref" = [
        for file in sort(var.github[role].workflows) : "${local.workflows}/${file}@${local.branch}"
      ]
    })
  } }
  # A pull request's workflow is its own, with its number in it: the one thing that no list can say word for word.
  of_pull_requests = {
    StringEquals = merge(local.of_this_repository, { "${local.issuer}:sub" = "${local.subject}:pull_request" })
    StringLike = {
      "${local.issuer}:job_workflow_ref" = [
        for file in sort(var.github.plan.pull_request_workflows) : "${local.workflows}/${file}@refs/pull/*/merge"
      ]
    }
  }

  pull_requests_plan = length(var.github.plan.pull_request_workflows) > 0

  conditions = {
    plan  = concat([local.of_the_branch.plan], local.pull_requests_plan ? [local.of_pull_requests] : [])
    apply = [local.of_the_branch.apply]
  }
  trusts = { for role, conditions in local.conditions : role => {
    Version = "2012-10-17"
    Statement = [for condition in conditions : {
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.provider }
      Condition = condition
    }]
  } }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github.provider_arn == null ? 1 : 0

  url            = "https://${local.issuer}"
  tags           = var.tags
  client_id_list = [var.github.audience]
}
