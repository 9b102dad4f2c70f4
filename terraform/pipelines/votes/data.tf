module "votes" {
  source = "../../modules/table"

  name                   = "${var.name}-votes"
  hash_key               = { name = "voter_id" }
  range_key              = { name = "title_id" }
  capacity               = var.capacity.votes
  deletion_protection    = var.keep.deletion_protection
  point_in_time_recovery = var.keep.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  tags                   = local.tags
}

module "journal" {
  source = "../../modules/table"

  name                   = "${var.name}-journal"
  hash_key               = { name = "shard", type = "N" }
  range_key              = { name = "n", type = "N" }
  ttl_attribute          = "expires"
  capacity               = var.capacity.journal
  deletion_protection    = var.keep.deletion_protection
  point_in_time_recovery = var.keep.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  tags                   = local.tags
}

module "tallies" {
  source = "../../modules/table"

  name                   = "${var.name}-tallies"
  hash_key               = { name = "title_id" }
  capacity               = var.capacity.tallies
  deletion_protection    = var.keep.deletion_protection
  point_in_time_recovery = var.keep.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  tags                   = local.tags
}

module "catalogue" {
  source = "../../modules/table"

  name                   = "${var.name}-catalogue"
  hash_key               = { name = "title_id" }
  capacity               = var.capacity.catalogue
  deletion_protection    = var.keep.deletion_protection
  point_in_time_recovery = var.keep.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  tags                   = local.tags
}

# What the functions make for themselves and keep from everybody: the witnesses' key, one row.
module "keys" {
  source = "../../modules/table"

  name                   = "${var.name}-keys"
  hash_key               = { name = "name" }
  deletion_protection    = var.keep.deletion_protection
  point_in_time_recovery = var.keep.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  tags                   = local.tags
}

module "quarantine" {
  source = "../../modules/bucket"

  name          = "${var.name}-quarantine-${data.aws_caller_identity.current.account_id}"
  prefixes      = { ballots = { prefix = "quarantine/", expire_after_days = var.keep.quarantine_days } }
  versioning    = false # an object is named by its content: overwriting it changes nothing
  force_destroy = var.keep.quarantine_deletable
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}
