# What is this environment's own. Names and types are those of terraform/pipelines/votes, which checks them.
locals {
  environment = "prod"
  account_id  = "333333333333" # replace with the number of your own prod account, here and in backend.tf
  region      = "us-east-1"

  voting = {
    aspects = ["story", "acting", "visuals", "music", "overall"]
  }

  # For 5,000 ballots a second: 32 writers at about 150 each, and an epoch that covers some 50,000 of them.
  counting = {
    shards        = 32
    slot_seconds  = 10
    epoch_changes = 50000
    witness_share = 1024
  }

  sizing = {
    receive = { memory_mb = 1024 }
    process = { memory_mb = 1769, batch_size = 10000, window_seconds = 2, maximum_concurrency = 50 }
    write   = { memory_mb = 1769, maximum_concurrency = 32 }
    tally   = { memory_mb = 1769 }
    results = { memory_mb = 1024 }
  }

  # On demand, so that nobody has to foresee a burst; created warm for the peak above, because a new table bears 4,000 writes a second.
  # Warm throughput only rises and is ignored after creation: README of the table module says how to raise it.
  capacity = {
    votes     = { on_demand = { warm = { read_units = 16000, write_units = 10000 } } }
    journal   = { on_demand = {} }
    tallies   = { on_demand = {} }
    catalogue = { on_demand = {} }
  }

  api = {
    throttle = { rate = 5000, burst = 5000 }
    origins  = ["https://vote.example.com"]
  }

  # At INFO every request leaves a line: at one ballot a request that costs more than the function. Witnesses and metrics are written at any level.
  keep = {
    quarantine_days = 90
    log_days        = 90
    log_level       = "WARN"
  }

  alarms = {
    oldest_seconds    = 120
    fold_lag_seconds  = 600
    probe_age_seconds = 180
    quarantined       = 5000
  }

  checks = {} # the pipeline's defaults: each minute
}
