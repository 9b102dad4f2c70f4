# The same in every environment; what differs is in votes_sizing.tf.

module "votes" {
  source = "../../terraform/pipelines/votes"

  name     = "sluice-${local.environment}-votes"
  packages = var.packages
  voting   = merge({ aspects = ["story", "acting", "visuals", "music", "overall"] }, local.votes.voting)
  counting = local.votes.counting
  sizing   = local.votes.sizing
  capacity = local.votes.capacity
  api = merge(local.votes.api, {
    jwt = local.jwt == null ? null : { issuer = local.jwt.issuer, audience = local.jwt.audience.votes }
  })
  keep   = local.votes.keep
  alarms = merge({ topic_arn = local.alarm_topic }, local.votes.alarms)
  checks = local.votes.checks

  permissions_boundary = local.permissions_boundary
}
