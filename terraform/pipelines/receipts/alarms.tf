locals {
  # Powertools' dimension of each function's own metrics.
  metrics_of = {
    for function in keys(local.functions) :
    function => { namespace = var.name, dimensions = { service = "receipts-${function}" } }
  }

  # Of a message that fails, a standard queue's age tells nothing from the third receive on.
  taken_by = { split = "intake", read = "image", deliver = "lane", settle = "delivered" }
  failing_metrics = { for function, queue in local.taken_by :
    "${function}-failing" => merge(local.metrics_of[function], {
      name = "MessagesFailed"
      limit = {
        above = 0, periods = 5, datapoints = 3, essential = true
        description = join(" ", [
          "Messages of ${queue} fail in ${function}, in 3 of 5 minutes: \"failed\" in its log says",
          "where and why. They come again, and are dead letters at last.",
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
  tables    = { ledger = module.ledger, usage = module.usage }
  queues = {
    intake = { queue = module.intake, oldest_seconds = var.alarms.oldest_seconds.intake }
    image  = { queue = module.image, oldest_seconds = var.alarms.oldest_seconds.image }
    # lanes ask for these themselves: no mapping polls it
    delivery  = { queue = module.delivery, oldest_seconds = var.alarms.oldest_seconds.delivery, pulled = true }
    lane      = { queue = module.lane, oldest_seconds = local.lane_retention_seconds / 2 - 60 }
    delivered = { queue = module.delivered, oldest_seconds = var.alarms.oldest_seconds.delivered }
  }
  topic_arn = var.alarms.topic_arn
  tags      = local.tags

  metrics = merge(local.failing_metrics, {
    # Alarms
    sweep-silent = {
      namespace = "AWS/Lambda", dimensions = { FunctionName = module.sweep.name }
      name      = "Invocations", period_seconds = 180 * var.sweep_minutes
      limit = {
        below = 1, missing_is_good = false, essential = true
        description = join(" ", [
          "The sweep has not run for three rounds, ${3 * var.sweep_minutes} minutes: what was lost on its",
          "way is not sent again. Is the schedule there, and may it invoke?",
        ])
      }
    }
    sweep-failing = {
      namespace = "AWS/Lambda", dimensions = { FunctionName = module.sweep.name }
      name      = "Errors", period_seconds = 60 * var.sweep_minutes
      limit = {
        above       = 0, periods = 3, datapoints = 2, essential = true
        description = "The sweep fails, two rounds of three: its log (\"failed\") says where and why."
      }
    }
    split-quarantined = merge(local.metrics_of.split, {
      name = "IntakeQuarantined", period_seconds = 300
      limit = {
        above = var.alarms.quarantined
        description = join(" ", [
          "Over ${var.alarms.quarantined} uploads and entries of archives were refused in 5 minutes, before anybody",
          "read them: the batches' accounts and `make status PIPELINE=receipts` have the reasons.",
        ])
      }
    })
    read-quarantined = merge(local.metrics_of.read, {
      name = "ImagesQuarantined", period_seconds = 300
      limit = {
        above = var.alarms.quarantined
        description = join(" ", [
          "Over ${var.alarms.quarantined} files could not be read in 5 minutes: the batches' accounts",
          "and `make status PIPELINE=receipts` have the reasons.",
        ])
      }
    })

    lane-silent = merge(local.metrics_of.settle, {
      name = "LaneReached", period_seconds = 300
      limit = var.delivery.lanes == 0 ? null : {
        # a lane that reaches its database says so once a minute at least
        below = 3 * var.delivery.lanes, periods = 2, missing_is_good = false, essential = true
        description = join(" ", [
          "A lane has not reached the database for ten minutes (together they said so fewer than",
          "${3 * var.delivery.lanes} times in five): is it up, is the way there, does the secret hold its login?",
          "What was read waits, and nothing is lost.",
        ])
      }
    })
    agent-silent = merge(local.metrics_of.settle, {
      name = "AgentReached", period_seconds = 300
      limit = !try(var.delivery.agent.expected, false) ? null : {
        below = 1, periods = 3, missing_is_good = false, essential = true
        description = join(" ", [
          "No agent has reached its database for a quarter of an hour: on its machine, the agent's check",
          "says which hop fails. What was read waits, and nothing is lost.",
        ])
      }
    })
    rows-refused = merge(local.metrics_of.settle, {
      name = "RowsRefused", period_seconds = 300
      limit = {
        above = var.alarms.refused, essential = true
        description = join(" ", [
          "The database refused over ${var.alarms.refused} rows in 5 minutes: quarantine has SQLSTATE and",
          "constraint of each (`make status PIPELINE=receipts`). Was its table changed?",
        ])
      }
    })
    database-slow = merge(local.metrics_of.settle, {
      name = "DatabaseLatency", statistic = "Average"
      limit = {
        above = 4 * var.delivery.latency_ms, periods = 15, datapoints = 10
        description = join(" ", [
          "The database takes over ${4 * var.delivery.latency_ms} ms a transaction, four times its budget, in 10 of 15",
          "minutes: lanes have slowed down as far as they may. Look at the database.",
        ])
      }
    })

    delivery-overdue = merge(local.metrics_of.sweep, {
      name = "UndeliveredAge", statistic = "Maximum", period_seconds = 60 * max(5, var.sweep_minutes)
      limit = {
        above = var.alarms.oldest_seconds.undelivered, periods = 2, essential = true
        description = join(" ", [
          "What was read has waited over ${var.alarms.oldest_seconds.undelivered} s for the database, by the",
          "ledger: nothing is lost, and customers wait. Are lanes silent, or slower than what comes?",
        ])
      }
    })
    review-overdue = merge(local.metrics_of.sweep, {
      name = "ReviewAge", statistic = "Maximum", period_seconds = 60 * max(5, var.sweep_minutes)
      limit = {
        above = var.alarms.oldest_seconds.review, periods = 2
        description = join(" ", [
          "A receipt has waited over ${var.alarms.oldest_seconds.review} s for a person: `make review` lists",
          "what is not sure.",
        ])
      }
    })

    # Only shown
    rows-delivered   = merge(local.metrics_of.settle, { name = "RowsDelivered" })
    delivered-age    = merge(local.metrics_of.settle, { name = "DeliveryAge", statistic = "Maximum" })
    facts-again      = merge(local.metrics_of.sweep, { name = "FactsSentAgain" })
    batches-accepted = merge(local.metrics_of.accept, { name = "BatchesAccepted" })
    files-expected   = merge(local.metrics_of.accept, { name = "FilesExpected" })
    requests-refused = merge(local.metrics_of.accept, { name = "RequestsRefused" })
    files-received   = merge(local.metrics_of.split, { name = "FilesReceived" })
    entries-taken    = merge(local.metrics_of.split, { name = "EntriesTaken" })
    images-read      = merge(local.metrics_of.read, { name = "ImagesRead" })
    images-review    = merge(local.metrics_of.read, { name = "ImagesForReview" })
    images-again     = merge(local.metrics_of.sweep, { name = "ImagesSentAgain" })
    uploads-again    = merge(local.metrics_of.sweep, { name = "UploadsSentAgain" })
    images-delayed   = merge(local.metrics_of.read, { name = "ImagesDelayed" })
  })
}
