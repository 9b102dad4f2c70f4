# The same in every environment; what differs is in harvest_sizing.tf.

module "harvest" {
  source = "../../terraform/pipelines/harvest"

  name      = "sluice-${local.environment}-harvest"
  packages  = var.packages
  vendor    = local.harvest.vendor
  pace      = local.harvest.pace
  schedules = local.harvest.schedules
  sizing    = local.harvest.sizing
  capacity  = local.harvest.capacity
  api = merge(local.harvest.api, {
    jwt = local.jwt == null ? null : { issuer = local.jwt.issuer, audience = local.jwt.audience.harvest }
  })
  keep   = local.harvest.keep
  alarms = merge({ topic_arn = local.alarm_topic }, local.harvest.alarms)

  permissions_boundary = local.permissions_boundary
}
