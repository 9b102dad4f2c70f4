# The same in every environment. What differs is in environment.tf.json, backend.tf, boundary.tf,
# alarms.tf, and in each pipeline's sizing.

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

  # A pipeline adds its own name.
  default_tags {
    tags = {
      project     = "sluice"
      environment = local.environment
    }
  }
}

variable "packages" {
  description = "Every zip by its name, as `make package` writes them down: a path, or bucket and key, and its hash."
  type = map(object({
    path           = optional(string)
    bucket         = optional(string)
    key            = optional(string)
    object_version = optional(string)
    hash           = string
  }))
  nullable = false
}
