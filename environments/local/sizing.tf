# What is this environment's own. Names and types are those of terraform/pipelines/votes, which checks them.
locals {
  environment = "local"
  account_id  = "000000000000"
  region      = "us-east-1"

  permissions_boundary = null # nobody is kept out of this machine

  voting = {
    aspects = ["story", "acting", "visuals", "music", "overall"]
  }

  counting = {
    shards        = 4
    slot_seconds  = 4
    epoch_changes = 20000
    witness_share = 1 # every ballot is a witness
  }

  sizing = {
    process = { batch_size = 1000, window_seconds = 1, maximum_concurrency = 4, max_receives = 5 }
    write   = { maximum_concurrency = 4, max_receives = 5 }
  }

  keep = {
    deletion_protection    = false
    point_in_time_recovery = false
    quarantine_days        = 7
    quarantine_deletable   = true
    log_days               = 1
  }

  capacity = {} # the pipeline's defaults

  api = {} # the pipeline's defaults

  alarms = {} # the pipeline's defaults

  checks = { latency_seconds = 10, look_back_seconds = 600 }
}
