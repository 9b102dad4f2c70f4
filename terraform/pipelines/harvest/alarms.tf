locals {
  # Powertools' dimension of each function's own metrics.
  metrics_of = {
    for function in keys(local.functions) :
    function => { namespace = var.name, dimensions = { service = "harvest-${function}" } }
  }

  # Of a message that fails, a standard queue's age tells nothing from the third receive on.
  failing_metrics = { for function, queue in { pace = "turn", work = "parcel", store = "store" } :
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

  run_metrics = {
    run-silent = merge(local.metrics_of.start, {
      name = "BeatAgeSeconds", statistic = "Maximum"
      limit = {
        above = var.alarms.silent_seconds, periods = 2, missing_is_good = false, essential = true
        description = join(" ", [
          "A run is under way, and no pacer has let anything out for over ${var.alarms.silent_seconds} s, though it",
          "is woken each minute; or ${module.start.name} does not look any more. The logs of both say why.",
        ])
      }
    })
    run-behind = merge(local.metrics_of.start, {
      name = "RatePercent", statistic = "Maximum", period_seconds = 300
      limit = {
        below = var.alarms.least_percent, periods = 3, essential = true
        description = join(" ", [
          "For a quarter of an hour, a run with work to let out made less than",
          "${var.alarms.least_percent} % of the calls that can be made by what the vendor permits.",
          "\"make runs\" shows refusals; look at work's log, and at its concurrency.",
        ])
      }
    })
    run-failing = merge(local.metrics_of.pace, {
      name = "CallsFailed", period_seconds = 300
      limit = {
        above = var.alarms.failed, essential = true
        description = join(" ", [
          "Over ${var.alarms.failed} calls failed for good in 5 minutes, each after its last attempt. \"make runs\"",
          "shows the causes; what failed is in quarantine, and \"make redrive QUEUE=quarantine\" tries it again.",
        ])
      }
    })
    run-stopped = merge(local.metrics_of.pace, {
      name = "RunsStopped", period_seconds = 300
      limit = {
        above = 0, essential = true
        description = join(" ", [
          "A run stopped and asks: a cap on calls is reached, or turns make no progress.",
          "\"make runs\" says which, and \"make runs RUN=... RESUME=yes\" goes on once it is mended.",
        ])
      }
    })
    token-refused = merge(local.metrics_of.work, {
      name = "RunsStopped", period_seconds = 300
      limit = {
        above = 0, essential = true
        description = join(" ", [
          "A run stopped, for the vendor takes neither its token nor the secret: put a new one into",
          "the secret, then \"make runs RUN=... RESUME=yes\".",
        ])
      }
    })
    vendor-refuses = merge(local.metrics_of.work, {
      name = "CallsThrottled", period_seconds = 300
      limit = {
        above = var.alarms.throttled
        description = join(" ", [
          "Over ${var.alarms.throttled} calls were refused for their rate in 5 minutes: somebody else uses",
          "the vendor's account, or it permits less than vendor.limits says.",
        ])
      }
    })
  }
}

module "observability" {
  source = "../../modules/observability"

  name      = var.name
  level     = var.alarms.level
  api       = module.api
  functions = local.functions
  tables    = { ledger = module.ledger, accounts = module.accounts }
  queues = {
    turn   = { queue = module.turn, oldest_seconds = var.alarms.oldest_seconds }
    parcel = { queue = module.parcel, oldest_seconds = var.alarms.oldest_seconds }
    store  = { queue = module.store_queue, oldest_seconds = var.alarms.oldest_seconds }
  }
  topic_arn = var.alarms.topic_arn
  tags      = local.tags

  metrics = merge(local.run_metrics, local.failing_metrics, {
    # Only shown
    runs-running  = merge(local.metrics_of.start, { name = "RunsRunning", statistic = "Maximum" })
    calls-settled = merge(local.metrics_of.pace, { name = "CallsSettled" })
  })
}
