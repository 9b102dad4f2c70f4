# What has become of every batch and of every file in it: the truth beside the documents.
module "ledger" {
  source = "../../modules/table"

  name          = "${var.name}-ledger"
  hash_key      = { name = "batch_id" }
  range_key     = { name = "item" }
  ttl_attribute = "ttl"
  # rows that somebody waits for, by what for and since when; a row that nothing is due for is not in it
  indexes = {
    waiting = { hash_key = { name = "waiting" }, range_key = { name = "due_at", type = "N" }, attributes = [] }
  }
  capacity               = { on_demand = var.capacity.ledger }
  deletion_protection    = var.keep.deletion_protection
  point_in_time_recovery = var.keep.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  tags                   = local.tags
}

# What each customer has sent in a day, and which file first showed a receipt.
module "usage" {
  source = "../../modules/table"

  name                   = "${var.name}-usage"
  hash_key               = { name = "customer_id" }
  range_key              = { name = "period" }
  ttl_attribute          = "ttl"
  capacity               = { on_demand = var.capacity.usage }
  deletion_protection    = var.keep.deletion_protection
  point_in_time_recovery = var.keep.point_in_time_recovery
  kms_key_arn            = var.kms_key_arn
  tags                   = local.tags
}

locals {
  account = data.aws_caller_identity.current.account_id
}

module "uploads" {
  source = "../../modules/bucket"

  name          = "${var.name}-uploads-${local.account}"
  prefixes      = { in = { prefix = "in/", expire_after_days = var.keep.upload_days } }
  notifications = { intake = { queue = module.intake, prefix = "in/" } }
  cors          = length(var.api.origins) == 0 ? null : { origins = var.api.origins }
  versioning    = false # a second upload to an address is the same bytes, or is refused
  force_destroy = var.keep.buckets_deletable
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}

module "documents" {
  source = "../../modules/bucket"

  name = "${var.name}-documents-${local.account}"
  prefixes = {
    images  = { prefix = "images/", expire_after_days = var.keep.upload_days } # taken out of archives
    results = { prefix = "results/", expire_after_days = var.keep.document_days }
    reports = { prefix = "reports/", expire_after_days = 7 } # what a lane answered last; asked anew after a minute
  }
  versioning    = false # a document is written once, a picture is named by its content
  force_destroy = var.keep.buckets_deletable
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}

module "quarantine" {
  source = "../../modules/bucket"

  name          = "${var.name}-quarantine-${local.account}"
  prefixes      = { files = { prefix = "quarantine/", expire_after_days = var.keep.quarantine_days } }
  versioning    = false # an object is named by its content: overwriting it changes nothing
  force_destroy = var.keep.buckets_deletable
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}
