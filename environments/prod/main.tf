# The same in every environment; what differs is in terraform.tfvars and backend.tf.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region

  # The guard: with credentials of another account, Terraform stops before it reads or changes anything.
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      project     = "sluice"
      environment = var.environment
      pipeline    = "votes"
    }
  }
}

module "votes" {
  source = "../../terraform/pipelines/votes"

  name     = "sluice-${var.environment}-votes"
  packages = var.packages
  voting   = var.voting
  counting = var.counting
  sizing   = var.sizing
  capacity = var.capacity
  api      = var.api
  keep     = var.keep
  alarms   = var.alarms
}
