locals {
  # Powertools' dimension of each function's own metrics.
  metrics_of = {
    for function in keys(local.functions) :
    function => { namespace = var.name, dimensions = { service = "receipts-${function}" } }
  }

  # Of a message that fails, a standard queue's age tells nothing from the third receive on.
  failing_metrics = { for function, queue in { split = "intake", read = "image" } :
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

    # Only shown
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
