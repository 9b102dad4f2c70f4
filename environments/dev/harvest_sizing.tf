# The harvest pipeline's sizing here. Names and types are those of terraform/pipelines/harvest, which checks them.
locals {
  harvest = {
    vendor = {
      name       = "monitor"
      url        = "https://api.monitor.example.com"
      account    = "dev"
      secret_arn = "arn:aws:secretsmanager:${local.region}:${local.account_id}:secret:sluice-dev-harvest-token"
      limits     = [{ calls = 100, seconds = 60 }]
    }

    pace = {} # the pipeline's defaults

    schedules = {
      "daily" = { expression = "cron(0 5 * * ? *)", enabled = false } # by hand: make runs START=daily
    }

    sizing = {
      pace  = { memory_mb = 256 }
      work  = { memory_mb = 256, maximum_concurrency = 4 }
      store = { memory_mb = 512 }
    }

    capacity = {} # the pipeline's defaults

    api = {
      throttle  = { rate = 2, burst = 10 }
      anonymous = true # no issuer of tokens: whoever finds the address can use up this account's 100 calls a minute
    }

    # It can be made again: nothing is protected, nothing kept for long.
    keep = {
      deletion_protection    = false
      point_in_time_recovery = false
      result_days            = 30
      parcel_days            = 15
      quarantine_days        = 14
      buckets_deletable      = true
      log_days               = 7
      log_level              = "DEBUG"
    }

    alarms = { level = "essential" } # idle, alarms and metrics cost more than all else
  }
}
