# The same in every environment; what differs is in sizing.tf and backend.tf.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.13, < 7.0"
    }
  }
}

provider "aws" {
  region = local.region

  # The guard: with credentials of another account, Terraform stops before it reads or changes anything.
  allowed_account_ids = [local.account_id]

  default_tags {
    tags = {
      project     = "sluice"
      environment = local.environment
      pipeline    = "votes"
    }
  }
}

module "votes" {
  source = "../../terraform/pipelines/votes"

  name     = "sluice-${local.environment}-votes"
  packages = var.packages
  voting   = local.voting
  counting = local.counting
  sizing   = local.sizing
  capacity = local.capacity
  api      = local.api
  keep     = local.keep
  alarms   = local.alarms
  checks   = local.checks

  permissions_boundary = local.permissions_boundary
}
