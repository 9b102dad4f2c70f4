# Two checks that need no traffic and trust no alarm of a part: what was accepted is settled, and a
# ballot cast a minute ago is counted.

locals {
  # One crash in process and one in write are allowed for: their messages come back when visibility runs out.
  latency_seconds = coalesce(
    var.checks.latency_seconds,
    module.ingest.visibility_seconds + module.count.visibility_seconds,
  )
  probed_seconds = 60 * var.checks.probe_minutes
}

module "conservation" {
  source = "../../modules/conservation"

  name      = "${var.name}-conservation"
  package   = var.packages["votes-conservation"]
  handler   = "votes.conservation.handler"
  accepted  = { receive = module.receive }
  settled   = { process = module.process, write = module.write }
  consumers = { process = module.process, write = module.write, tally = module.tally }
  witnesses = { items = "Ballots", share = var.counting.witness_share, keys_table = module.keys.name }
  check = {
    minutes           = var.checks.conservation_minutes
    latency_seconds   = local.latency_seconds
    look_back_seconds = var.checks.look_back_seconds
  }
  telemetry            = { namespace = var.name, service = "votes-conservation", log_level = var.keep.log_level }
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

module "probe" {
  source = "../../modules/function"

  name                 = "${var.name}-probe"
  description          = "Casts the probe voter's ballot and looks whether the one before is counted."
  package              = var.packages["votes-probe"]
  handler              = "votes.probe.handler"
  sizing               = { memory_mb = 256, timeout_seconds = 30 }
  asynchronous         = { retries = 0, age_seconds = 60 } # the next check looks anew
  allows               = [module.receive.invoke, module.votes.read["get"], module.tallies.read["get"]]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.probe, local.ballots, {
    RECEIVE_FUNCTION = module.receive.arn
    VOTER_FROM       = local.voter_from
    VOTES_TABLE      = module.votes.name
    TALLIES_TABLE    = module.tallies.name
  })
}

module "check" {
  source   = "../../modules/schedule"
  for_each = var.checks.probe_minutes > 0 ? { probe = var.checks.probe_minutes } : {}

  name                 = "${var.name}-${each.key}"
  expression           = each.value == 1 ? "rate(1 minute)" : "rate(${each.value} minutes)"
  function             = module.probe
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}
