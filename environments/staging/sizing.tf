# What is this environment's own. Names and types are those of terraform/pipelines/votes, which checks them.
locals {
  environment = "staging"
  account_id  = "222222222222" # replace with your own staging account's number: here, in backend.tf, account/account.tf and account/backend.tf
  region      = "us-east-1"

  # The most that a role of the pipeline can do; `make account` makes it, and the apply role makes no role without it.
  permissions_boundary = "arn:aws:iam::${local.account_id}:policy/sluice-${local.environment}-boundary"

  voting = {
    aspects = ["story", "acting", "visuals", "music", "overall"]
  }

  counting = {
    shards        = 16
    slot_seconds  = 10
    witness_share = 64
  }

  sizing = {
    process = { batch_size = 5000, window_seconds = 3, maximum_concurrency = 10 }
    write   = { maximum_concurrency = 16 }
  }

  # Provisioned with autoscaling: the cheaper way for an even load, and the other way than prod's, so that both are lived.
  capacity = {
    votes     = { provisioned = { read = { least = 20, most = 1000 }, write = { least = 20, most = 1000 } } }
    journal   = { provisioned = { read = { least = 10, most = 200 }, write = { least = 10, most = 200 } } }
    tallies   = { provisioned = { read = { least = 5, most = 200 }, write = { least = 5, most = 500 } } }
    catalogue = { provisioned = { read = { least = 5, most = 100 }, write = { least = 1, most = 10 } } }
  }

  api = {
    throttle = { rate = 1000, burst = 2000 }
    origins  = ["https://staging.vote.example.com"]
  }

  keep = {
    quarantine_days = 30
    log_days        = 14
  }

  alarms = {
    fold_lag_seconds = 900
  }

  checks = {} # the pipeline's defaults: each minute
}
