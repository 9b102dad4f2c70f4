# The receipts pipeline's sizing here. Names and types are those of terraform/pipelines/receipts, which checks them.
locals {
  receipts = {
    # `make up` and `make demo` say where the reader of this machine is.
    reading = { reader = "rapidocr" }

    # `make up` puts the login of this machine's database into the secret. An agent can deliver beside the lanes, or in
    # their place (`make agent`); the emulator knows no trust anchors, so it has none to be asked for.
    delivery = {
      lanes      = 2
      secret_arn = "arn:aws:secretsmanager:${local.region}:${local.account_id}:secret:sluice-local-receipts-database"
      agent = {
        trust_anchor_arn = "arn:aws:rolesanywhere:${local.region}:${local.account_id}:trust-anchor/local"
        common_names     = ["agent"]
        expected         = false
      }
    }
    network = null # the database is on this machine

    limits = {} # the pipeline's defaults

    # Two cores, which the reader needs: more at once would only wait for it.
    sizing = {
      split = { maximum_concurrency = 2 }
      read  = { maximum_concurrency = 2 }
    }

    capacity = {} # the pipeline's defaults

    api = { anonymous = local.jwt == null } # nobody else is here

    keep = {
      deletion_protection    = false
      point_in_time_recovery = false
      upload_days            = 15
      batch_days             = 30
      quarantine_days        = 7
      buckets_deletable      = true
      log_days               = 1
    }

    alarms = {} # the pipeline's defaults

    sweep_minutes = 1
  }
}
