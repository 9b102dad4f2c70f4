# What an account needs once, before any pipeline: applied by its administrator, never by the roles that it makes.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.region
  aws     = "arn:${data.aws_partition.current.partition}"

  # Whatever a pipeline makes has a name that begins so; the roles below may touch nothing else.
  prefix = "${var.name}-*"

  roles = { plan = "${var.name}-plan", apply = "${var.name}-apply" }
  policies = {
    pipeline = "${var.name}-boundary"
    apply    = "${var.name}-apply-boundary"
    reads    = "${var.name}-reads"
    behind   = "${var.name}-applies-behind"
  }

  role_arns   = { for key, name in local.roles : key => "${local.aws}:iam::${local.account}:role/${name}" }
  policy_arns = { for key, name in local.policies : key => "${local.aws}:iam::${local.account}:policy/${name}" }
}
