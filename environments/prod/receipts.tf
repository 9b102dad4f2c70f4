# The same in every environment; what differs is in receipts_sizing.tf.

module "receipts" {
  source = "../../terraform/pipelines/receipts"

  name     = "sluice-${local.environment}-receipts"
  packages = var.packages
  reading  = local.receipts.reading
  delivery = merge(local.receipts.delivery, { network = one(values(module.receipts_network)[*].vpc) })
  limits   = local.receipts.limits
  sizing   = local.receipts.sizing
  capacity = local.receipts.capacity
  api = merge(local.receipts.api, {
    jwt = local.jwt == null ? null : { issuer = local.jwt.issuer, audience = local.jwt.audience.receipts }
  })
  keep          = local.receipts.keep
  alarms        = merge({ topic_arn = local.alarm_topic }, local.receipts.alarms)
  sweep_minutes = local.receipts.sweep_minutes

  permissions_boundary = local.permissions_boundary
}

# The way to the database on the premises, where functions go it themselves.
module "receipts_network" {
  source   = "../../terraform/modules/network"
  for_each = { for key, network in { premises = local.receipts.network } : key => network if network != null }

  name     = "sluice-${local.environment}-receipts"
  cidr     = each.value.cidr
  premises = each.value.premises
  way      = each.value.way
  tags     = { pipeline = "receipts" }
}
