# --- results are read ------------------------------------------------------------------------------------------------

module "results" {
  source = "../../modules/function"

  name        = "${var.name}-results"
  description = "Answers a title's results from its tally, and which titles lead from their ranking."
  package     = var.packages["votes-results"]
  handler     = "votes.results.handler"
  sizing      = var.sizing.results
  allows = [
    module.tallies.read["get"], module.catalogue.read["get"],
    module.rankings.get["titles"], module.rankings.list, # there is none before the first
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.asked_tags

  environment = merge(local.telemetry.results, local.ballots, local.entrance, {
    TALLIES_TABLE   = module.tallies.name
    CATALOGUE_TABLE = module.catalogue.name
    RANKINGS_BUCKET = module.rankings.name
  })
}

# A function of its own, so that the public one cannot read anybody's vote.
module "vote" {
  source = "../../modules/function"

  name                 = "${var.name}-vote"
  description          = "Answers what stands of a voter's own vote on a title."
  package              = var.packages["votes-vote"]
  handler              = "votes.vote.handler"
  sizing               = var.sizing.vote
  allows               = [module.votes.read["get"], module.tallies.read["get"]]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.asked_tags

  environment = merge(local.telemetry.vote, local.entrance, {
    VOTER_FROM    = local.voter_from
    VOTES_TABLE   = module.votes.name
    TALLIES_TABLE = module.tallies.name
  })
}

# --- titles are ranked -----------------------------------------------------------------------------------------------

# One object, put again whenever titles are ranked: nothing in it that the tallies do not have.
module "rankings" {
  source = "../../modules/bucket"

  name          = "${var.name}-rankings-${data.aws_caller_identity.current.account_id}"
  prefixes      = { titles = { prefix = "rankings/" } }
  versioning    = false
  force_destroy = true
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}

module "rank" {
  source = "../../modules/function"

  name                 = "${var.name}-rank"
  description          = "Ranks the titles by their tallies."
  package              = var.packages["votes-rank"]
  handler              = "votes.rank.handler"
  sizing               = var.sizing.rank
  asynchronous         = { retries = 0, age_seconds = 60 } # the next one ranks anew
  allows               = [module.tallies.read["get"], module.tallies.read["scan"], module.rankings.put["titles"]]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.rank, local.ballots, {
    TALLIES_TABLE   = module.tallies.name
    RANKINGS_BUCKET = module.rankings.name
  })
}

module "ranked" {
  source   = "../../modules/schedule"
  for_each = var.voting.ranking_minutes > 0 ? { rank = var.voting.ranking_minutes } : {}

  name                 = "${var.name}-${each.key}"
  expression           = each.value == 1 ? "rate(1 minute)" : "rate(${each.value} minutes)"
  function             = module.rank
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}
