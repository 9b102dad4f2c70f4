locals {
  # Powertools' dimension of each function's own metrics.
  metrics_of = {
    for function in keys(local.functions) :
    function => { namespace = var.name, dimensions = { service = "votes-${function}" } }
  }
}

locals {
  # Of a message that fails, a standard queue's age tells nothing from the third receive on.
  failing_metrics = { for function, queue in { process = "ingest", write = "count", tally = "tick" } :
    "${function}-failing" => merge(local.metrics_of[function], {
      name = "MessagesFailed"
      limit = {
        above = 0, periods = 5, datapoints = 3, essential = true
        description = join(" ", [
          "Messages of ${queue} fail in ${function}, in 3 of 5 minutes: \"failed\" in its log says",
          "where and why. They come again, and are dead letters some minutes later.",
        ])
      }
    })
  }

  probe_metrics = { for key, metric in {
    probe-age = {
      name = "ProbeAgeSeconds", statistic = "Maximum", period_seconds = local.probed_seconds
      limit = {
        above = var.alarms.probe_age_seconds, periods = 2, missing_is_good = false, essential = true
        description = join(" ", [
          "No ballot that the probe cast in the last ${var.alarms.probe_age_seconds} s is counted,",
          "or ${module.probe.name} does not run or cannot cast: its log says which.",
          "If it casts, follow its way: ingest, count, journal, tally.",
        ])
      }
    }
    probe-wrong = {
      name = "ProbeWrong", statistic = "Maximum", period_seconds = local.probed_seconds
      limit = {
        above = 0, essential = true
        description = join(" ", [
          "The tally of the probe's title is not its one standing vote:",
          "something was counted twice, or not. `make recount` compares every title.",
        ])
      }
    }
  } : key => merge(local.metrics_of.probe, metric) if var.checks.probe_minutes > 0 }
}

module "observability" {
  source = "../../modules/observability"

  name      = var.name
  level     = var.alarms.level
  api       = local.way_in
  functions = local.functions
  tables    = { votes = module.votes, journal = module.journal, tallies = module.tallies, catalogue = module.catalogue }
  queues = {
    ingest = { queue = module.ingest, oldest_seconds = var.alarms.oldest_seconds }
    count  = { queue = module.count, oldest_seconds = var.alarms.oldest_seconds }
    tick   = { queue = module.tick, oldest_seconds = var.alarms.oldest_seconds + var.counting.slot_seconds }
  }
  topic_arn = var.alarms.topic_arn
  tags      = local.tags

  metrics = merge(local.way_in.metrics, module.conservation.metrics, local.probe_metrics, local.failing_metrics, {
    # Alarms
    fold-lag = merge(local.metrics_of.tally, {
      name = "FoldLagSeconds", statistic = "Maximum", period_seconds = 300
      limit = {
        above = var.alarms.fold_lag_seconds, periods = 2
        description = join(" ", [
          "Votes are counted, but results do not show them: the oldest journal entry not yet",
          "folded is over ${var.alarms.fold_lag_seconds} s old. Entries expire after 30 days.",
        ])
      }
    })
    shards-stopped = merge(local.metrics_of.tally, {
      name = "ShardsStopped", statistic = "Maximum", period_seconds = 300
      limit = {
        above = 0
        description = join(" ", [
          "The tally reads fewer journal entries of a shard than its range holds, or one it cannot",
          "read, and leaves that shard alone: look for \"shards stopped\" in its log, before",
          "anything expires. `make mend` moves an entry that cannot be read to quarantine.",
        ])
      }
    })
    write-stopped = merge(local.metrics_of.write, {
      name = "ShardsStopped", period_seconds = 300
      limit = {
        above = 0
        description = join(" ", [
          "write cannot read the unfinished entry of a shard, and counts nothing of that shard:",
          "its log (\"failed\", \"UnreadableEntry\") names the entry, `make mend` moves it to",
          "quarantine.",
        ])
      }
    })
    tally-silent = {
      namespace = "AWS/Lambda", dimensions = { FunctionName = module.tally.name }
      name      = "Invocations", period_seconds = 900
      limit = {
        below = 1, missing_is_good = false
        description = join(" ", [
          "The tally has not run for 15 minutes, though its schedule calls it every 5:",
          "is the schedule there, and may it invoke?",
        ])
      }
    }
    process-quarantined = merge(local.metrics_of.process, {
      name = "BallotsQuarantined", period_seconds = 300
      limit = {
        above = var.alarms.quarantined
        description = join(" ", [
          "Over ${var.alarms.quarantined} ballots went to quarantine in 5 minutes:",
          "a client sends what breaks a rule, or the catalogue is wrong.",
          "`make status` shows the reasons.",
        ])
      }
    })
    write-quarantined = merge(local.metrics_of.write, {
      name = "BallotsQuarantined", period_seconds = 300
      limit = {
        above = 0
        description = join(" ", [
          "The count queue held ballots that process would not have sent:",
          "somebody else sends to it, or two versions disagree. They are in quarantine, with the",
          "reason.",
        ])
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
  })
}
