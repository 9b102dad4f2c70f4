# The harvest pipeline's sizing here. Names and types are those of terraform/pipelines/harvest, which checks them.
locals {
  harvest = {
    # The stand-in of tools/local_cloud/harvest; `make up` says its address and puts its token there.
    vendor = {
      name       = "monitor"
      url        = "http://127.0.0.1:1"
      account    = "local"
      secret_arn = "arn:aws:secretsmanager:${local.region}:${local.account_id}:secret:sluice-local-harvest-token"
      limits     = [{ calls = 500, seconds = 10 }]
    }

    # On this machine a slot kept by a thread is late by 27 ms in 95 of 100 cases, and by 71 in 99.
    pace = {} # the pipeline's defaults

    schedules = {
      "daily" = { expression = "cron(0 3 * * ? *)", enabled = false } # by hand: make runs START=daily
    }

    sizing = {
      work = { maximum_concurrency = 10 }
    }

    capacity = {} # the pipeline's defaults

    api = {
      anonymous = local.jwt == null # nobody else is here
    }

    keep = {
      deletion_protection    = false
      point_in_time_recovery = false
      result_days            = 7
      parcel_days            = 15
      quarantine_days        = 7
      buckets_deletable      = true
      log_days               = 1
    }

    alarms = {} # the pipeline's defaults
  }
}
