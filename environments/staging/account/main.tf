# The same in every account; what differs is in account.tf, backend.tf and ../environment.tf.json.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.29, < 7.0"
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
  alarms = local.alarms
  trail  = local.trail

  github = {
    repository     = local.repository
    repository_id  = local.repository_id
    subject_prefix = local.subject_prefix
    plan = {
      environment            = "plan"
      workflows              = ["drift.yml", "promote.yml"]
      pull_request_workflows = ["pull-request.yml"]
    }
    apply = {
      environment = local.environment
      workflows   = ["promote.yml", "rollback.yml"]
    }
  }
}
