# The harvest pipeline's sizing here. Names and types are those of terraform/pipelines/harvest, which checks them.
locals {
  harvest = {
    # 1,000 calls a minute, as APIs of this shape permit them: 65,000 calls in 65 minutes.
    vendor = {
      name       = "monitor"
      url        = "https://api.monitor.example.com"
      account    = "main"
      secret_arn = "arn:aws:secretsmanager:${local.region}:${local.account_id}:secret:sluice-prod-harvest-token"
      limits     = [{ calls = 1000, seconds = 60 }]
    }

    pace = {} # the pipeline's defaults: of a minute's window they reach 99.7 %

    schedules = {
      "daily" = { expression = "cron(0 3 * * ? *)" }
    }

    sizing = {
      pace  = { memory_mb = 1024 }
      work  = { memory_mb = 1024, maximum_concurrency = 20 }
      store = { memory_mb = 1769 }
    }

    # On demand: a run takes a few units a second, and between two there is none. The most is what a
    # run takes several times over, so that no mistake costs more.
    capacity = {
      ledger   = { on_demand = { most = { read_units = 4000, write_units = 1000 } } }
      accounts = { on_demand = { most = { read_units = 1000, write_units = 200 } } }
    }

    api = {} # the pipeline's defaults: five requests a second

    keep = {
      quarantine_days = 90
      log_days        = 90
    }

    alarms = {} # the pipeline's defaults
  }
}
