# The receipts pipeline's sizing here. Names and types are those of terraform/pipelines/receipts, which checks them.
locals {
  receipts = {
    reading = {} # the pipeline's defaults

    limits = { batches = 100, files = 2000, bytes = 8000000000, pixels = 24000000000 }

    sizing = {} # the pipeline's defaults: the quota of a new account, kept busy

    capacity = {} # the pipeline's defaults

    api = { origins = ["https://receipts.staging.example.com"] }

    keep = {
      quarantine_days = 30
      log_days        = 30
    }

    alarms = {} # the pipeline's defaults

    sweep_minutes = 5
  }
}
