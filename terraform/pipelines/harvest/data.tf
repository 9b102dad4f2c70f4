module "ledger" {
  source = "../../modules/table"

  name                   = "${var.name}-ledger"
  hash_key               = { name = "run_id" }
  range_key              = { name = "item" }
  ttl_attribute          = "expires"
  capacity               = var.capacity.ledger
  deletion_protection    = var.keep.deletion_protection
  point_in_time_recovery = var.keep.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  tags                   = local.tags
}

# What the vendor permits is permitted to an account, whatever runs share it.
module "accounts" {
  source = "../../modules/table"

  name                   = "${var.name}-accounts"
  hash_key               = { name = "account" }
  capacity               = var.capacity.accounts
  deletion_protection    = var.keep.deletion_protection
  point_in_time_recovery = var.keep.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  tags                   = local.tags
}

module "results" {
  source = "../../modules/bucket"

  name = "${var.name}-results-${data.aws_caller_identity.current.account_id}"
  prefixes = {
    parcels   = { prefix = "parcels/", expire_after_days = var.keep.parcel_days } # merged by then
    data      = { prefix = "data/", expire_after_days = var.keep.result_days }
    manifests = { prefix = "manifests/", expire_after_days = var.keep.result_days }
    runs      = { prefix = "runs/", expire_after_days = var.keep.result_days }
    shapes    = { prefix = "shapes/" } # what the next run's answers are compared with
  }
  versioning    = false # an object is named by its parcel and claim, or by its run and group, and written once
  force_destroy = var.keep.buckets_deletable
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}

module "quarantine" {
  source = "../../modules/bucket"

  name          = "${var.name}-quarantine-${data.aws_caller_identity.current.account_id}"
  prefixes      = { tasks = { prefix = "quarantine/", expire_after_days = var.keep.quarantine_days } }
  versioning    = false # an object is named by its content: overwriting it changes nothing
  force_destroy = var.keep.buckets_deletable
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}

locals {
  # Secrets Manager ends a secret's ARN in six characters of its own choosing. Whoever knows the name alone
  # gives the ARN without them, which Secrets Manager takes and a policy does not.
  secret_arn = (
    can(regex("-[A-Za-z0-9]{6}$", var.vendor.secret_arn)) ? var.vendor.secret_arn : "${var.vendor.secret_arn}-??????"
  )
  secret = {
    get = { actions = ["secretsmanager:GetSecretValue"], resources = [local.secret_arn], key = null }
    put = { actions = ["secretsmanager:PutSecretValue"], resources = [local.secret_arn], key = null }
  }
  scopes = var.api.scope == null ? [] : [var.api.scope]
}
