# The same in every environment; what differs is in votes_sizing.tf.

module "votes" {
  source = "../../terraform/pipelines/votes"

  name     = "sluice-${local.environment}-votes"
  packages = var.packages
  voting   = merge({ aspects = ["story", "acting", "visuals", "music", "overall"] }, local.votes.voting)
  counting = local.votes.counting
  sizing   = local.votes.sizing
  capacity = local.votes.capacity
  api = merge(local.votes.api, local.votes_entrance, {
    jwt = local.jwt == null ? null : { issuer = local.jwt.issuer, audience = local.jwt.audience.votes }
  })
  alb     = local.votes.alb
  website = local.votes.website
  keep    = local.votes.keep
  alarms  = merge({ topic_arn = local.alarm_topic }, local.votes.alarms)
  checks  = local.votes.checks

  permissions_boundary = local.permissions_boundary
}

locals {
  votes_entrance = {} # what `make up ENTRANCE=…` has otherwise on the local cloud
}
