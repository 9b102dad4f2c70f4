# The same in every account; what differs is in account.tf and backend.tf.

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
      pipeline    = "account"
    }
  }
}

module "account" {
  source = "../../../terraform/modules/account"

  name   = "sluice-${local.environment}"
  budget = local.budget

  github = {
    plan_subjects = ["repo:${local.repository}:pull_request", "repo:${local.repository}:environment:plan"]
    apply_subject = "repo:${local.repository}:environment:${local.environment}"
  }
}
