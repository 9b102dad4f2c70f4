# The harvest pipeline's sizing here. Names and types are those of terraform/pipelines/harvest, which checks them.
locals {
  harvest = {
    # An account at the vendor of its own, or prod's run waits for this one's calls.
    vendor = {
      name       = "monitor"
      url        = "https://api.monitor.example.com"
      account    = "staging"
      secret_arn = "arn:aws:secretsmanager:${local.region}:${local.account_id}:secret:sluice-staging-harvest-token"
      limits     = [{ calls = 200, seconds = 60 }]
    }

    pace = {} # the pipeline's defaults

    schedules = {
      "daily" = { expression = "cron(0 1 * * ? *)" }
    }

    sizing = {} # the pipeline's defaults

    # Provisioned with autoscaling, the other way than prod's, so that both are lived.
    capacity = {
      ledger   = { provisioned = { read = { least = 10, most = 400 }, write = { least = 5, most = 100 } } }
      accounts = { provisioned = { read = { least = 5, most = 100 }, write = { least = 5, most = 50 } } }
    }

    api = {} # the pipeline's defaults

    keep = {
      quarantine_days = 30
      log_days        = 14
      result_days     = 90
    }

    alarms = {} # the pipeline's defaults
  }
}
