# Two checks that need no traffic and trust no alarm of a part: what was accepted is settled, and a
# ballot cast a minute ago is counted.

locals {
  # One crash in process and one in write are allowed for: their messages come back when visibility runs out.
  latency_seconds = coalesce(
    var.checks.latency_seconds,
    module.ingest.visibility_seconds + module.count.visibility_seconds,
  )
  probed_seconds  = 60 * var.checks.probe_minutes
  checked_seconds = 60 * var.checks.conservation_minutes
  soon_again      = { retries = 0, age_seconds = 60 } # the next check looks anew

  check_schedules = { for name, check in {
    conservation = { minutes = var.checks.conservation_minutes, function = module.conservation }
    probe        = { minutes = var.checks.probe_minutes, function = module.probe }
  } : name => check if check.minutes > 0 }
}

module "conservation" {
  source = "../../modules/function"

  name         = "${var.name}-conservation"
  description  = "Looks whether every accepted witness is settled, and whether every mapping is on."
  package      = var.packages["votes-conservation"]
  handler      = "votes.conservation.handler"
  sizing       = { memory_mb = 256, timeout_seconds = 60 }
  asynchronous = local.soon_again
  allows = [
    module.receive.read_logs, module.process.read_logs, module.write.read_logs,
    module.process.read_mapping["ingest"], module.write.read_mapping["count"], module.tally.read_mapping["tick"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.conservation, {
    ACCEPTED_LOGS     = jsonencode([module.receive.log_group])
    SETTLED_LOGS      = jsonencode([module.process.log_group, module.write.log_group])
    MAPPINGS          = jsonencode(local.mappings)
    LATENCY_SECONDS   = tostring(local.latency_seconds)
    LOOK_BACK_SECONDS = tostring(var.checks.look_back_seconds)
  })
}

module "probe" {
  source = "../../modules/function"

  name                 = "${var.name}-probe"
  description          = "Casts the probe voter's ballot and looks whether the one before is counted."
  package              = var.packages["votes-probe"]
  handler              = "votes.probe.handler"
  sizing               = { memory_mb = 256, timeout_seconds = 30 }
  asynchronous         = local.soon_again
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
  for_each = local.check_schedules

  name                 = "${var.name}-${each.key}"
  expression           = each.value.minutes == 1 ? "rate(1 minute)" : "rate(${each.value.minutes} minutes)"
  function             = each.value.function
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}
