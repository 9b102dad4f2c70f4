locals {
  # The most that a role of the pipeline can do; `make account` makes it, and the apply role makes no role without it.
  permissions_boundary = "arn:aws:iam::${local.account_id}:policy/sluice-${local.environment}-boundary"
}
