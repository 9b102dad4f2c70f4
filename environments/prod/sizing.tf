# What is this environment's own. Names and types are those of terraform/pipelines/votes, which checks them.
locals {
  environment = "prod"
  account_id  = "333333333333" # replace with your own prod account's number: here, in backend.tf, account/account.tf and account/backend.tf
  region      = "us-east-1"

  # The most that a role of the pipeline can do; `make account` makes it, and the apply role makes no role without it.
  permissions_boundary = "arn:aws:iam::${local.account_id}:policy/sluice-${local.environment}-boundary"

  voting = {
    aspects = ["story", "acting", "visuals", "music", "overall"]
  }

  # For a step from 0 to 20,000 ballots a second (docs/capacity.md): an epoch holds the 200,000 of a slot.
  counting = {
    shards        = 32
    slot_seconds  = 10
    epoch_changes = 200000
    witness_share = 1024
  }

  sizing = {
    receive = { memory_mb = 1024 }
    process = { memory_mb = 1769, batch_size = 10000, window_seconds = 2, maximum_concurrency = 50 }
    write   = { memory_mb = 1769, maximum_concurrency = 16 } # more, when they catch up, ask more of the table than comes in
    tally   = { memory_mb = 1769 }
    results = { memory_mb = 1024 }
  }

  # On demand, so that nobody has to foresee a burst; created warm for the peak above and for catching up with it, because a new table
  # bears 4,000 writes a second. Warming is paid once (docs/capacity.md), only rises and is ignored after creation: README of the table
  # module says how to raise it.
  capacity = {
    votes     = { on_demand = { warm = { read_units = 40000, write_units = 40000 } } }
    journal   = { on_demand = {} }
    tallies   = { on_demand = {} }
    catalogue = { on_demand = {} }
  }

  # The peak at one ballot a request. Raise the account's quotas first: API Gateway to 24,000 requests a second, Lambda to 3,000 at once.
  api = {
    throttle = { rate = 20000, burst = 20000 }
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
