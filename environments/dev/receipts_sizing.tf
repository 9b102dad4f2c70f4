# The receipts pipeline's sizing here. Names and types are those of terraform/pipelines/receipts, which checks them.
locals {
  receipts = {
    reading = {} # the pipeline's defaults

    # One connection, to a database that the internet reaches, by TLS: a network of its own would cost
    # more than all else (modules/network). Put the login into the secret that is made.
    delivery = { lanes = 1, slot_seconds = 2 }
    network  = null

    # Textract's pages are what costs: a day of one customer is some dollars.
    limits = { batches = 50, files = 500, bytes = 2000000000, pixels = 6000000000 }

    sizing = {
      split = { maximum_concurrency = 2 }
      read  = { maximum_concurrency = 2 }

      deliver = { memory_mb = 256 }
    }

    capacity = {} # the pipeline's defaults

    api = {
      throttle         = { rate = 5, burst = 10 }
      account_throttle = { rate = 10, burst = 20 }
      origins          = ["http://localhost:3000"]
      anonymous        = true # nobody's receipts are real here: a page of yours needs no issuer
    }

    # It can be made again: nothing is protected, nothing kept for long.
    keep = {
      deletion_protection    = false
      point_in_time_recovery = false
      upload_days            = 15
      batch_days             = 30
      document_days          = 30
      quarantine_days        = 14
      buckets_deletable      = true
      log_days               = 7
      log_level              = "DEBUG"
    }

    # Idle, alarms and metrics cost more than all else: what loses receipts is watched, the rest `make
    # status` and `make logs` show.
    alarms = { level = "essential" }

    sweep_minutes = 15
  }
}
