data "aws_caller_identity" "current" {}

locals {
  tags           = { pipeline = "votes" }
  function_names = ["receive", "process", "write", "tally", "results", "vote", "rank", "conservation", "probe"]

  # Every function's own name in logs and metrics; the namespace keeps two pipelines of one account
  # apart. A metric costs three alarms: where only the essential is watched, only the checks write
  # any, and the others none but how many messages failed.
  telemetry = {
    for function in local.function_names :
    function => merge(
      {
        POWERTOOLS_SERVICE_NAME      = "votes-${function}"
        POWERTOOLS_METRICS_NAMESPACE = var.name
        POWERTOOLS_LOG_LEVEL         = var.keep.log_level
      },
      local.measured[function] ? {} : { POWERTOOLS_METRICS_DISABLED = "true" },
    )
  }
  measured = {
    for function in local.function_names :
    function => var.alarms.level == "all" || contains(["conservation", "probe"], function)
  }

  ballots = {
    ASPECTS = jsonencode(var.voting.aspects)
    SCALE   = jsonencode(var.voting.scale)
  }
  shards        = tostring(var.counting.shards)
  witness_share = tostring(var.counting.witness_share)
  voter_from    = var.api.jwt == null ? "body" : "token"

  # A tick comes after the last append of its slot, whatever the clocks of two writers differ by.
  clock_margin_seconds = 2

  # Lambda takes a line without a level, which metrics are, for INFO: from WARN on it would drop
  # them, and the witnesses with them.
  logs = { retention_days = var.keep.log_days, level = var.keep.log_level == "DEBUG" ? "DEBUG" : "INFO" }
}

# A voter's shard is blake2b(voter) mod shards: another number would send votes past their own history.
resource "terraform_data" "shards" {
  input = var.counting.shards

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition = self.input == var.counting.shards
      error_message = join(" ", [
        "counting.shards is ${var.counting.shards}, but these tables were made with another",
        "number, which holds for their life. Set it back; for more shards, make a second pipeline",
        "under another name and move voters there once this one is drained.",
      ])
    }
  }
}

# --- ballots come in -------------------------------------------------------------------------------------------------

module "ingest" {
  source = "../../modules/queue"

  name         = "${var.name}-ingest"
  consumer     = var.sizing.process       # visibility follows from it
  retention    = { seconds = 14 * 86400 } # SQS's longest: a backlog outlives a bad week
  max_receives = var.sizing.process.max_receives
  kms_key_arn  = var.kms_key_arn
  tags         = local.tags
}

module "receive" {
  source = "../../modules/function"

  name                 = "${var.name}-receive"
  description          = "Takes ballots over HTTP and puts them on the ingest queue."
  package              = var.packages["votes-receive"]
  handler              = "votes.receive.handler"
  sizing               = var.sizing.receive
  allows               = [module.ingest.send, module.keys.read["get"], module.keys.write["put"]]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.asked_tags

  environment = merge(
    local.telemetry.receive, local.ballots, local.entrance,
    {
      INGEST_QUEUE_URL = module.ingest.url
      KEYS_TABLE       = module.keys.name
      WITNESS_SHARE    = local.witness_share
      VOTER_FROM       = local.voter_from
      MOST_BALLOTS     = jsonencode(var.api.most_ballots)
    },
    var.api.trusted_scope == null ? {} : { TRUSTED_SCOPE = var.api.trusted_scope },
  )
}

# --- they are verified and packed by shard ---------------------------------------------------------------------------

module "count" {
  source = "../../modules/queue"

  name         = "${var.name}-count"
  fifo         = true
  consumer     = var.sizing.write
  max_receives = var.sizing.write.max_receives
  kms_key_arn  = var.kms_key_arn
  tags         = local.tags
}

module "process" {
  source = "../../modules/function"

  name        = "${var.name}-process"
  description = "Verifies ballots, quarantines what breaks a rule, and packs the others by shard."
  package     = var.packages["votes-process"]
  handler     = "votes.process.handler"
  sizing      = var.sizing.process
  consumes = {
    ingest = {
      queue               = module.ingest
      batch_size          = var.sizing.process.batch_size
      maximum_concurrency = var.sizing.process.maximum_concurrency
    }
  }
  allows = [
    module.count.send, module.quarantine.put["ballots"], module.catalogue.read["batch_get"], module.keys.read["get"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.process, local.ballots, {
    INGEST_QUEUE_URL  = module.ingest.url
    COUNT_QUEUE_URL   = module.count.url
    QUARANTINE_BUCKET = module.quarantine.name
    CATALOGUE_TABLE   = module.catalogue.name
    KEYS_TABLE        = module.keys.name
    UNLISTED_TITLES   = var.voting.unlisted_titles
    SHARDS            = local.shards
    WITNESS_SHARE     = local.witness_share
  })
}

# --- they are counted: the journal decides, the votes follow ---------------------------------------------------------

module "tick" {
  source = "../../modules/queue"

  name          = "${var.name}-tick"
  fifo          = true
  consumer      = var.sizing.tally
  delay_seconds = var.counting.slot_seconds + local.clock_margin_seconds
  kms_key_arn   = var.kms_key_arn
  tags          = local.tags
}

module "write" {
  source = "../../modules/function"

  name        = "${var.name}-write"
  description = "Appends what ballots change to their shard's journal, and puts the standing votes."
  package     = var.packages["votes-write"]
  handler     = "votes.write.handler"
  sizing      = var.sizing.write
  consumes = {
    count = { queue = module.count, maximum_concurrency = var.sizing.write.maximum_concurrency }
  }
  allows = [
    module.tick.send, module.quarantine.put["ballots"],
    module.votes.read["batch_get"], module.votes.write["partiql_insert"], module.votes.write["partiql_update"],
    module.votes.write["delete"], # an erasure that broke off is finished by whoever comes next
    module.journal.read["get"], module.journal.read["query"],
    module.journal.write["put"], module.journal.write["update"],
    module.keys.read["get"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.write, local.ballots, {
    COUNT_QUEUE_URL   = module.count.url
    TICK_QUEUE_URL    = module.tick.url
    VOTES_TABLE       = module.votes.name
    JOURNAL_TABLE     = module.journal.name
    QUARANTINE_BUCKET = module.quarantine.name
    KEYS_TABLE        = module.keys.name
    SHARDS            = local.shards
    SLOT_SECONDS      = tostring(var.counting.slot_seconds)
    WITNESS_SHARE     = local.witness_share
    PACKED_VOTES      = tostring(var.counting.packed_votes)
  })
}

# --- the journal is folded into tallies ------------------------------------------------------------------------------

module "tally" {
  source = "../../modules/function"

  name        = "${var.name}-tally"
  description = "Shows once a slot what the journal adds up to, and folds it into titles' tallies."
  package     = var.packages["votes-tally"]
  handler     = "votes.tally.handler"
  sizing      = var.sizing.tally
  # the backstop's event: the next one is five minutes away
  asynchronous = { retries = 2, age_seconds = 300 }
  consumes = {
    tick = { queue = module.tick, maximum_concurrency = var.sizing.tally.maximum_concurrency }
  }
  allows = [
    module.journal.read["batch_get"], module.journal.read["query"], module.journal.write["update"],
    module.votes.read["batch_get"],
    module.tallies.read["get"], module.tallies.write["put"], module.tallies.write["update"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.tally, {
    TICK_QUEUE_URL = module.tick.url
    VOTES_TABLE    = module.votes.name
    JOURNAL_TABLE  = module.journal.name
    TALLIES_TABLE  = module.tallies.name
    SHARDS         = local.shards
    EPOCH_CHANGES  = tostring(var.counting.epoch_changes)
    FOLD_SECONDS   = tostring(var.counting.fold_seconds)
  })
}

module "backstop" {
  source = "../../modules/schedule"

  name                 = "${var.name}-tally"
  expression           = "rate(5 minutes)"
  function             = module.tally
  input                = jsonencode({ source = "schedule" })
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}
