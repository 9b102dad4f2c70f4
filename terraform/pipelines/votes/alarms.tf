locals {
  # Powertools' dimension of each function's own metrics.
  metrics_of = { for function in keys(local.functions) : function => { namespace = var.name, dimensions = { service = "votes-${function}" } } }
}

module "observability" {
  source = "../../modules/observability"

  name      = var.name
  api       = module.api
  functions = local.functions
  tables    = { votes = module.votes, journal = module.journal, tallies = module.tallies, catalogue = module.catalogue }
  queues = {
    ingest = { queue = module.ingest, oldest_seconds = var.alarms.oldest_seconds }
    count  = { queue = module.count, oldest_seconds = var.alarms.oldest_seconds }
    tick   = { queue = module.tick, oldest_seconds = var.alarms.oldest_seconds + var.counting.slot_seconds }
  }
  topic_arn = var.alarms.topic_arn

  metrics = {
    # Alarms
    fold-lag = merge(local.metrics_of.tally, {
      name = "FoldLagSeconds", statistic = "Maximum", period_seconds = 300
      limit = {
        above       = var.alarms.fold_lag_seconds, periods = 2
        description = "Votes are counted, but results do not show them: the oldest journal entry not yet folded is over ${var.alarms.fold_lag_seconds} s old. Entries expire after 30 days."
      }
    })
    shards-stopped = merge(local.metrics_of.tally, {
      name = "ShardsStopped", statistic = "Maximum", period_seconds = 300
      limit = {
        above       = 0
        description = "The tally reads fewer journal entries of a shard than its range holds, or one it cannot read, and leaves that shard alone: look for \"shards stopped\" in its log, before anything expires."
      }
    })
    tally-silent = {
      namespace = "AWS/Lambda", dimensions = { FunctionName = module.tally.name }
      name      = "Invocations", period_seconds = 900
      limit = {
        below       = 1, missing_is_good = false
        description = "The tally has not run for 15 minutes, though its schedule calls it every 5: is the schedule there, and may it invoke?"
      }
    }
    process-quarantined = merge(local.metrics_of.process, {
      name = "BallotsQuarantined", period_seconds = 300
      limit = {
        above       = var.alarms.quarantined
        description = "Over ${var.alarms.quarantined} ballots went to quarantine in 5 minutes: a client sends what breaks a rule, or the catalogue is wrong. `make status` shows the reasons."
      }
    })
    write-quarantined = merge(local.metrics_of.write, {
      name = "BallotsQuarantined", period_seconds = 300
      limit = {
        above       = 0
        description = "The count queue held ballots that process would not have sent: somebody else sends to it, or two versions disagree. They are in quarantine, with the reason."
      }
    })

    # Only shown
    ballots-not-sent   = merge(local.metrics_of.receive, { name = "BallotsNotSent" })
    ballots-rejected   = merge(local.metrics_of.receive, { name = "BallotsRejected" })
    ballots-processed  = merge(local.metrics_of.process, { name = "BallotsProcessed" })
    ballots-counted    = merge(local.metrics_of.write, { name = "BallotsCounted" })
    ballots-superseded = merge(local.metrics_of.write, { name = "BallotsSuperseded" })
    entries-behind     = merge(local.metrics_of.tally, { name = "EntriesBehind", statistic = "Maximum" })
    epoch-ballots      = merge(local.metrics_of.tally, { name = "EpochBallots" })
  }
}
